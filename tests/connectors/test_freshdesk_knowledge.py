"""Pictures of Freshdesk's knowledge base: the tree, languages, who may see them, and the cost."""

from __future__ import annotations

import pytest

from gallery_app.domain.errors import BadInput
from tests.connectors.freshdesk_desk import desk


def test_an_article_with_an_attachment_and_an_inline_picture_has_two() -> None:
    with desk(articles=4) as made:
        article = made.fake.add_article("Reset", turn=1)
        made.sync()

        found = [i for i in made.ledger.rows.values() if i.parent == f"article/{article.id}"]

        assert len(found) == 2
        assert {ref.name for image in found for ref in image.entities} == {"Reset"}
        assert found[0].page == f"{made.fake.url}/support/solutions/articles/{article.id}"


def test_translations_have_their_own_pictures_and_the_articles_name() -> None:
    with desk(articles=4) as made:
        article = made.fake.add_article("Reset", turn=0)
        made.sync()

        (image,) = [i for i in made.ledger.rows.values() if i.parent == f"article/{article.id}/de"]

        assert image.entities[0].name == "Reset"
        assert image.entities[0].id == str(article.id)
        assert set(made.ledger.rows) == made.expected()


def test_a_file_that_two_languages_share_is_one_picture() -> None:
    with desk(articles=1) as made:
        article = made.fake.add_article("Reset", turn=0)
        article.translations["de"].body = article.body
        made.sync()

        mine = [key for key in made.ledger.rows if key.startswith(f"article/{article.id}/")]

        assert len(mine) == 2


def test_a_language_of_any_kind_can_be_read_and_opened_and_nothing_else_is_one() -> None:
    with desk(articles=1) as made:
        article = next(iter(made.fake.world.articles.values()))
        made.fake.world.languages = ["es-419", "../../agents"]
        article.translations = dict.fromkeys(made.fake.world.languages, article.translations["de"])
        connector = made.connect()
        made.sync(connector)

        (key,) = [key for key in made.ledger.rows if "/es-419/" in key]
        with connector.open(key) as stream:
            assert b"".join(stream.chunks)
        with made.connect().open(key) as stream:
            assert b"".join(stream.chunks)
        assert not [key for key in made.ledger.rows if ".." in key]


def test_languages_can_be_chosen() -> None:
    with desk({"languages": "fr"}, articles=2) as made:
        made.sync()

        assert not [key for key in made.ledger.rows if "/de/" in key]


def test_who_may_see_an_article_is_told() -> None:
    with desk(articles=12) as made:
        made.sync()

        seen_by = {(image.visibility, image.private) for image in made.ledger.rows.values()}

        company = next(iter(made.fake.world.companies))
        assert seen_by == {
            ("everybody", False),
            (f"companies {company}", False),
            ("agents only", True),
            ("agents only: a draft", True),
        }


def test_an_article_for_some_companies_names_them() -> None:
    with desk(articles=12) as made:
        made.sync()

        company = next(iter(made.fake.world.companies))
        theirs = {
            tuple(ref.id for ref in image.entities if ref.type == "company")
            for image in made.ledger.rows.values()
            if image.visibility.startswith("companies")
        }
        assert theirs == {(str(company),)}


@pytest.mark.parametrize("visibility", [5, 6, 7, 99])
def test_an_article_for_people_we_cannot_tell_is_shown_to_no_customer(visibility: int) -> None:
    with desk(articles=4) as made:
        for folder in made.fake.world.folders.values():
            folder.visibility = visibility
        made.sync()

        assert made.ledger.rows
        assert all(image.private for image in made.ledger.rows.values())


def test_articles_are_walked_first_and_then_only_when_told() -> None:
    with desk(tickets=2, articles=4) as made:
        connector = made.connect()
        made.sync(connector)
        made.fake.add_article("New")

        assert "categories" not in made.counted(connector)
        asked = made.counted(connector, walk=True)

        assert asked["article"] == 1
        assert set(made.ledger.rows) == made.expected()


def test_a_walk_with_nothing_new_reads_no_article() -> None:
    with desk(articles=8) as made:
        connector = made.connect()
        made.sync(connector)

        asked = made.counted(connector, walk=True)

        assert "article" not in asked
        assert "translation" not in asked
        assert asked["articles"] == 4
        assert made.ledger.removed == []


def test_a_changed_translation_is_read_anew() -> None:
    with desk(articles=8) as made:
        connector = made.connect()
        made.sync(connector)
        article = next(a for a in made.fake.world.articles.values() if a.translations)
        made.clock.move(60)
        file = made.fake.world.file(public=True)
        article.translations["de"].body = f"[[public {file.id}]]"
        article.translations["de"].updated = made.fake.world.now()

        asked = made.counted(connector, walk=True)

        assert asked["article"] == asked["translation"] == 1
        assert set(made.ledger.rows) == made.expected()


def test_a_folder_closed_to_customers_makes_its_pictures_private() -> None:
    with desk(articles=4) as made:
        connector = made.connect()
        made.sync(connector)
        first = next(iter(made.fake.world.folders.values()))
        assert first.visibility == 1
        first.visibility = 3

        made.sync(connector, walk=True)

        mine = {a.id for a in made.fake.world.articles.values() if a.folder == first.id}
        images = [i for i in made.ledger.rows.values() if int(i.parent.split("/")[1]) in mine]
        assert images
        assert all(image.private for image in images)


def test_an_article_that_is_removed_takes_all_its_languages_along() -> None:
    with desk(articles=8) as made:
        connector = made.connect()
        made.sync(connector)
        article = next(a for a in made.fake.world.articles.values() if a.translations)
        made.fake.remove_article(article.id)

        made.sync(connector, walk=True)

        assert len(made.ledger.removed) == 3
        assert set(made.ledger.rows) == made.expected()


def test_a_knowledge_base_that_comes_back_empty_or_closed_loses_nothing() -> None:
    with desk(articles=8) as made:
        connector = made.connect()
        made.sync(connector)
        before = set(made.ledger.rows)

        made.fake.gate.refuse["categories"] = (403, "access_denied")
        made.sync(connector, walk=True)
        del made.fake.gate.refuse["categories"]
        categories, made.fake.world.categories = made.fake.world.categories, {}
        made.sync(connector, walk=True)

        assert set(made.ledger.rows) == before
        assert len(made.ledger.notes) == 2
        made.fake.world.categories = categories
        assert "article" not in made.counted(connector, walk=True)


def test_folders_that_are_closed_to_the_key_lose_nothing_and_stop_nothing() -> None:
    with desk(tickets=1, pictures=1, articles=8) as made:
        connector = made.connect()
        made.sync(connector)
        before = set(made.ledger.rows)
        gone = next(iter(made.fake.world.articles))
        made.fake.remove_article(gone)

        made.fake.gate.refuse["articles"] = (403, "access_denied")
        made.sync(connector, walk=True)

        assert set(made.ledger.rows) == before
        assert "some folders" in made.ledger.notes[-1]
        made.fake.gate.refuse.clear()
        made.sync(connector, walk=True)
        assert set(made.ledger.rows) == made.expected() != before


def test_an_article_that_is_closed_to_the_key_is_left_out_and_read_later() -> None:
    with desk(articles=4) as made:
        connector = made.connect()
        made.sync(connector)
        article = made.fake.add_article("New")
        made.fake.gate.refuse["article"] = (403, "access_denied")
        made.sync(connector, walk=True)

        assert f"Article {article.id}" in made.ledger.notes[-1]
        made.fake.gate.refuse.clear()
        made.sync(connector, walk=True)
        assert set(made.ledger.rows) == made.expected()


def test_a_walk_broken_off_is_ended_by_the_next_sync() -> None:
    with desk(articles=8) as made:
        batches = made.connect().changes("")
        for _ in range(3):
            made.ledger.write(next(batches))

        made.sync()

        assert set(made.ledger.rows) == made.expected()
        assert made.fake.counts["article"] <= 9


def test_switching_it_off_lets_its_pictures_go() -> None:
    with desk(tickets=2, pictures=2, articles=4) as made:
        made.sync()
        made.sync(made.connect(knowledge_base="0"))

        assert {key.split("/")[0] for key in made.ledger.rows} == {"ticket"}

        made.sync(made.connect(knowledge_base="1"))
        assert set(made.ledger.rows) == made.expected()


def test_one_article_can_be_read_by_itself_with_all_its_languages() -> None:
    with desk(articles=8) as made:
        made.sync()
        article = next(a for a in made.fake.world.articles.values() if a.translations)
        before = dict(made.ledger.rows)
        connector = made.connect()

        for listing in connector.read(f"article/{article.id}"):
            made.ledger.write(listing, keep_cursor=False)

        assert made.ledger.rows == before
        with pytest.raises(BadInput):
            next(connector.read("ticket/../1"))
