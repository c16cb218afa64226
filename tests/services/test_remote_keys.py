"""What counts as a key: as a clipboard gives it, and never what no header can carry."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gallery_app.connectors.base import Connector, Tools
from gallery_app.domain.errors import BadInput
from gallery_app.domain.remote import RemoteConfig
from tests.services.remote_house import RemoteHouse
from tests.services.remote_world import KEY

HOUSE = RemoteHouse
THERE = "https://there.example"


def test_what_a_clipboard_adds_is_no_part_of_the_key(house: RemoteHouse) -> None:
    source = house.book.add("freshdesk", "", THERE, f" {KEY}\n", {"token": "t0ken\r\n"})
    house.sync()
    house.book.change(source.id, key=f"{KEY}2 ")
    house.sync()

    assert [config.secret for config in house.desk.configs] == [KEY, f"{KEY}2"]
    assert house.desk.configs[0].options["token"] == "t0ken"


@pytest.mark.parametrize("key", ["ключ12345", "two\nlines", "nul\0", "x" * 5000])
def test_what_no_header_can_carry_is_no_key(house: RemoteHouse, key: str) -> None:
    source = house.connect()

    for ask in (
        lambda: house.book.test("freshdesk", THERE, key, {}),
        lambda: house.book.add("immich", "", THERE, key, {}),
        lambda: house.book.change(source.id, key=key),
        lambda: house.book.test_changed(source.id, key, {}),
        lambda: house.book.change(source.id, options={"token": key}),
    ):
        with pytest.raises(BadInput) as refused:
            ask()
        assert key not in refused.value.public


def test_an_empty_key_leaves_the_saved_one(house: RemoteHouse) -> None:
    source = house.bring(token="t0ken")

    house.book.change(source.id, key="", options={"token": "", "colour": "blue"})
    house.sync()

    assert house.desk.configs[-1].secret == KEY
    assert house.desk.configs[-1].options["token"] == "t0ken"
    assert house.desk.configs[-1].options["colour"] == "blue"


def test_an_option_that_the_kind_itself_does_not_take_is_not_saved(house: RemoteHouse) -> None:
    picky = house.kinds["freshdesk"]

    def opened(config: RemoteConfig, tools: Tools) -> Connector:
        if config.options.get("min_px") == "many":
            raise BadInput("The least size is a number.")
        return picky.open(config, tools)

    house.kinds["freshdesk"] = replace(picky, open=opened)

    with pytest.raises(BadInput, match="least size"):
        house.book.add("freshdesk", "", THERE, KEY, {"min_px": "many"})
    assert house.book.list() == []

    source = house.bring(min_px="10")
    with pytest.raises(BadInput, match="least size"):
        house.book.change(source.id, options={"min_px": "many"})
    assert house.book.view(source.id).options["min_px"] == "10"


def test_what_is_to_change_is_tested_beside_what_is_saved(house: RemoteHouse) -> None:
    source = house.bring(token="t0ken", colour="red")
    before = house.book.view(source.id).options

    house.book.test_changed(source.id, "", {"token": "", "colour": "blue"})
    house.book.test_changed(source.id, "other", {"token": "t2"})

    kept, new = house.desk.configs[-2:]
    assert (kept.secret, dict(kept.options)["token"], kept.options["colour"]) == (
        KEY, "t0ken", "blue",
    )  # fmt: skip
    assert (new.secret, new.options["token"], new.options["colour"]) == ("other", "t2", "red")
    assert "t0ken" not in f"{kept!r}"
    assert house.book.view(source.id).options == before
    with pytest.raises(BadInput):
        house.book.test_changed(source.id, "", {"no such": "1"})
