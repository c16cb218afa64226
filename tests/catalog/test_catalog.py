"""Opening, migrating, breaking, sharing between threads, and being killed."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from gallery_app.catalog import Catalog, Changes
from gallery_app.catalog.database import mapped
from gallery_app.catalog.migrations import SCHEMA, migrate, statements, steps
from gallery_app.domain.errors import (
    BadInput,
    Conflict,
    GalleryError,
    Misconfigured,
    NotFound,
    OutOfSpace,
)
from gallery_app.domain.model import AssetId, JobId
from gallery_app.domain.query import AssetQuery
from tests.catalog.shelf import START, Shelf, described, processed


def open_at(path: Path) -> Catalog:
    return Catalog.open(path, now=lambda: START, random_bytes=os.urandom)


class TestSchema:
    def test_every_table_is_strict(self, shelf: Shelf) -> None:
        tables = shelf.catalog._database.rows(
            "SELECT name, strict, type FROM pragma_table_list WHERE schema = 'main' "
            "AND name NOT LIKE 'sqlite_%' AND name NOT LIKE '_sqlite_%'"
        )

        assert {name for name, strict, kind in tables if not strict and kind == "table"} == set()
        assert len(tables) > 10

    def test_every_time_and_size_column_is_a_whole_number(self, shelf: Shelf) -> None:
        columns = shelf.catalog._database.rows(
            "SELECT t.name, c.name, c.type FROM pragma_table_list t, pragma_table_info(t.name) c "
            "WHERE t.strict AND (c.name LIKE '%_at' OR c.name LIKE '%_bytes')"
        )

        assert {kind for _, _, kind in columns} == {"INTEGER"}

    def test_a_script_is_cut_into_whole_statements(self) -> None:
        script = "CREATE TABLE a (x); -- one; two\nINSERT INTO a\nVALUES ('b;c');\n"

        assert [s.splitlines()[0] for s in statements(script)] == [
            "CREATE TABLE a (x); -- one; two",
            "INSERT INTO a",
        ]


_FIRST_ROWS = """
INSERT INTO source (id, kind, name, address, state, added_at)
    VALUES (1, 'uploads', 'Uploads', '', 'online', 0), (2, 'folder', 'P', '/p', 'online', 0);
INSERT INTO folder (id, source_id, path) VALUES (1, 2, '2016');
INSERT INTO asset (uid, filename, name_key, media_type, width, height, size_bytes, mtime_ns,
        quick_hash, orientation, status, added_at, taken_at, sha256, phash, favourite, attempts)
    VALUES (randomblob(16), 'A.jpg', 'a.jpg', 0, 4, 3, 9, 1,
            randomblob(16), 1, 1, 0, 0, randomblob(32), 7, 1, 1),
           (randomblob(16), 'b.jpg', 'b.jpg', 0, 4, 3, 9, 1,
            randomblob(16), 1, 0, 0, 5, NULL, NULL, 0, 3),
           (randomblob(16), 'c.jpg', 'c.jpg', 0, 4, 3, 9, 1,
            randomblob(16), 1, 0, 0, 9, NULL, NULL, 0, 0);
INSERT INTO occurrence
        (source_id, key, asset_id, folder_id, size_bytes, mtime_ns, inode, first_seen)
    VALUES (2, '2016/A.jpg', 1, 1, 9, 1, 1, 0), (2, '2016/b.jpg', 2, 1, 9, 1, 2, 0),
           (2, '2016/c.jpg', 3, 1, 9, 1, 3, 0);
INSERT INTO job (kind, dedup_key, subject, state, created_at, updated_at)
    VALUES ('scan', 'scan:2', '/p', 'ready', 0, 0);
"""


class TestMigration:
    def test_the_first_schema_with_rows_learns_of_remotes_and_loses_nothing(
        self, tmp_path: Path
    ) -> None:
        path, first = tmp_path / "gallery.db", tmp_path / "schema"
        first.mkdir()
        shutil.copy(steps()[0], first)
        old = sqlite3.connect(path, isolation_level=None)
        migrate(old, path, now=START, folder=first)
        old.executescript(_FIRST_ROWS)
        tables = ("source", "asset", "occurrence", "job")
        before = {name: old.execute(f"SELECT * FROM {name}").fetchall() for name in tables}
        old.close()

        catalog = open_at(path)

        (copy,) = (tmp_path / "backups").iterdir()
        kept = sqlite3.connect(copy)
        for name in tables:
            assert kept.execute(f"SELECT * FROM {name}").fetchall() == before[name]
            now = catalog._database.rows(f"SELECT * FROM {name}")
            width = len(before[name][0])
            assert [row[:width] for row in now] == before[name]
        kept.close()
        (ready,) = catalog.index.ids(AssetQuery.from_params({"is": ["favourite"]}))
        asset = catalog.assets.by_id(ready)
        assert asset is not None
        assert (asset.remote, asset.entities, asset.private) == (False, (), False)
        assert [p.id for p in catalog.assets.claim_render(9)] == [3]
        assert catalog.assets.exhausted() == [2]
        assert [s.waiting for s in catalog.sources.list()] == [0, 0]
        catalog.close()

    def test_an_empty_folder_gets_the_newest_schema_and_no_copy(self, shelf: Shelf) -> None:
        version = shelf.catalog._database.row("PRAGMA user_version")

        assert version == (len(steps()),)
        assert not (shelf.path.parent / "backups").exists()

    def test_an_older_database_is_copied_before_it_is_changed(self, tmp_path: Path) -> None:
        path, folder = tmp_path / "gallery.db", tmp_path / "schema"
        shutil.copytree(SCHEMA, folder)
        connection = sqlite3.connect(path, isolation_level=None)
        migrate(connection, path, now=START, folder=folder)
        connection.execute("INSERT INTO tag (name, folded) VALUES ('kept', 'kept')")
        number = len(steps(folder)) + 1
        step = folder / f"{number:04d}_next.sql"
        step.write_text("ALTER TABLE tag ADD COLUMN colour INTEGER;\n")

        migrate(connection, path, now=START, folder=folder)

        assert connection.execute("SELECT name, colour FROM tag").fetchall() == [("kept", None)]
        (copy,) = (tmp_path / "backups").iterdir()
        assert copy.name == f"gallery-schema{number - 1}-20260301T120000Z.db"
        old = sqlite3.connect(copy)
        assert old.execute("SELECT * FROM tag").fetchall() == [(1, "kept", "kept")]
        old.close()
        connection.close()

    def test_a_step_that_fails_leaves_the_old_schema_whole(self, tmp_path: Path) -> None:
        path, folder = tmp_path / "gallery.db", tmp_path / "schema"
        shutil.copytree(SCHEMA, folder)
        connection = sqlite3.connect(path, isolation_level=None)
        migrate(connection, path, now=START, folder=folder)
        step = folder / "0099_broken.sql"
        step.write_text(
            "ALTER TABLE tag ADD COLUMN colour INTEGER;\nINSERT INTO nowhere VALUES (1);\n"
        )

        with pytest.raises(sqlite3.OperationalError):
            migrate(connection, path, now=START, folder=folder)

        assert connection.execute("PRAGMA user_version").fetchone() == (len(steps()),)
        assert len(connection.execute("PRAGMA table_info(tag)").fetchall()) == 3
        connection.close()

    def test_a_newer_schema_is_refused_and_left_alone(self, shelf: Shelf) -> None:
        shelf.catalog.close()
        connection = sqlite3.connect(shelf.path)
        connection.execute("PRAGMA user_version = 99")
        connection.close()

        with pytest.raises(Misconfigured, match="newer version"):
            open_at(shelf.path)

        connection = sqlite3.connect(shelf.path)
        connection.execute(f"PRAGMA user_version = {len(steps())}")
        connection.close()
        assert shelf.reopen().sources.uploads().kind == "uploads"


class TestErrors:
    @pytest.mark.parametrize(
        ("code", "kind"),
        [
            (sqlite3.SQLITE_FULL, OutOfSpace),
            (sqlite3.SQLITE_CORRUPT, Misconfigured),
            (sqlite3.SQLITE_CORRUPT_VTAB, Misconfigured),
            (sqlite3.SQLITE_NOTADB, Misconfigured),
            (sqlite3.SQLITE_CANTOPEN, Misconfigured),
            (sqlite3.SQLITE_READONLY_DBMOVED, Misconfigured),
            (sqlite3.SQLITE_PERM, Misconfigured),
            (sqlite3.SQLITE_BUSY_SNAPSHOT, Conflict),
            (sqlite3.SQLITE_LOCKED, Conflict),
            (sqlite3.SQLITE_CONSTRAINT_UNIQUE, Conflict),
            (sqlite3.SQLITE_MISMATCH, Conflict),
            (sqlite3.SQLITE_IOERR_WRITE, GalleryError),
            (sqlite3.SQLITE_ERROR, GalleryError),
            (sqlite3.SQLITE_MISUSE, GalleryError),
        ],
    )
    def test_every_code_has_a_domain_error(self, code: int, kind: type[GalleryError]) -> None:
        error = sqlite3.OperationalError("secret detail")
        error.sqlite_errorcode = code

        found = mapped(error)

        assert type(found) is kind
        assert "secret" not in str(found)

    def test_numbers_and_texts_that_do_not_fit_are_bad_input(self) -> None:
        assert type(mapped(OverflowError())) is BadInput
        assert type(mapped(UnicodeEncodeError("utf-8", "x", 0, 1, "x"))) is BadInput

    def test_a_full_disk_is_said_and_nothing_is_half_written(self, shelf: Shelf) -> None:
        shelf.put("a.jpg")
        writer = shelf.catalog._database._writer
        pages = writer.execute("PRAGMA page_count").fetchone()[0]
        writer.execute(f"PRAGMA max_page_count = {pages}")

        with pytest.raises(OutOfSpace):
            shelf.put(*(f"{n}/{n}.jpg" for n in range(2_000)))

        assert shelf.catalog.index.page(AssetQuery()).total == 1
        writer.execute("PRAGMA max_page_count = 1000000")
        shelf.put("b.jpg")
        assert shelf.catalog.index.page(AssetQuery()).total == 2

    def test_a_file_that_is_no_database_is_refused_with_the_remedy(self, tmp_path: Path) -> None:
        path = tmp_path / "gallery.db"
        path.write_bytes(b"not a database, not even nearly, " * 200)

        with pytest.raises(Misconfigured, match="damaged"):
            open_at(path)

        assert path.read_bytes().startswith(b"not a database")

    def test_a_damaged_page_is_said(self, shelf: Shelf) -> None:
        shelf.put(*(f"{n}.jpg" for n in range(300)))
        shelf.catalog.close()
        with shelf.path.open("r+b") as file:
            for page in range(8, shelf.path.stat().st_size // 4096):
                file.seek(page * 4096)
                file.write(b"\xff" * 4096)

        with pytest.raises(Misconfigured, match="damaged"):
            open_at(shelf.path)

    def test_an_index_in_a_folder_that_is_not_there_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(Misconfigured, match="rights"):
            open_at(tmp_path / "nowhere" / "gallery.db")

    def test_another_program_that_writes_is_a_conflict(self, shelf: Shelf) -> None:
        shelf.catalog._database._writer.execute("PRAGMA busy_timeout = 0")
        other = sqlite3.connect(shelf.path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")

        with pytest.raises(Conflict, match="busy"):
            shelf.put("a.jpg")

        other.close()
        assert shelf.put("a.jpg") == [AssetId(1)]

    def test_asking_a_closed_catalog_is_an_error_of_ours(self, shelf: Shelf) -> None:
        shelf.catalog.close()

        with pytest.raises(GalleryError):
            shelf.put("a.jpg")


class TestTransactions:
    def test_a_failed_part_leaves_the_rest_of_a_transaction(self, shelf: Shelf) -> None:
        with shelf.catalog.write() as writer:
            (asset_id,) = writer.insert_assets([shelf.new("a.jpg")])
            shelf.catalog.jobs.put("scan", "kept", subject="x")
            shelf.catalog.jobs.put("scan", "k", subject="x")
            with pytest.raises(NotFound):
                shelf.catalog.jobs.retry(JobId(99))

        assert shelf.asset(asset_id).filename == "a.jpg"
        assert shelf.catalog.jobs.list()[1] == 2

    def test_readers_see_nothing_of_a_transaction_that_is_not_over(self, shelf: Shelf) -> None:
        with shelf.catalog.write() as writer:
            writer.insert_assets([shelf.new("a.jpg")])
            with ThreadPoolExecutor(1) as pool:
                seen = pool.submit(lambda: shelf.catalog.index.page(AssetQuery()).total).result()

        assert (seen, shelf.catalog.index.page(AssetQuery()).total) == (0, 1)

    def test_threads_that_read_and_write_at_once_all_see_whole_answers(self, shelf: Shelf) -> None:
        shelf.put("beach 0.jpg")
        stop = threading.Event()
        query = AssetQuery.from_params({"q": ["beach"], "type": ["jpeg"]})

        def read() -> int:
            seen = 0
            while not stop.is_set():
                page = shelf.catalog.index.page(query)
                assert page.total >= seen
                assert len(page.items) == min(100, page.total)
                seen = page.total
                timeline = shelf.catalog.index.timeline(query)
                assert sum(timeline.counts) == timeline.total
                shelf.catalog.index.facets(query)
            return seen

        def write(name: int) -> None:
            for number in range(20):
                (asset_id,) = shelf.put(f"{name}/beach {number}.jpg")
                with shelf.catalog.write() as writer:
                    writer.edit([asset_id], Changes(add_tags=[f"t{number}"]))

        with ThreadPoolExecutor(5) as pool:
            readers = [pool.submit(read) for _ in range(3)]
            writers = [pool.submit(write, name) for name in range(2)]
            for writer in writers:
                writer.result()
            stop.set()
            for reader in readers:
                reader.result()

        assert shelf.catalog.index.page(query).total == 41
        assert shelf.reopen().index.page(query).total == 41


KILLED = """
import itertools, os, sys
from pathlib import Path
from tests.catalog.shelf import Shelf
shelf = Shelf(Path(sys.argv[1]))
for number in itertools.count():
    shelf.put(*(f"{number}/beach {n}.jpg" for n in range(25)))
    print(number + 1, flush=True)
"""


@pytest.mark.parametrize("acknowledged", [1, 4, 9])
def test_a_kill_in_the_middle_of_writing_loses_nothing_acknowledged(
    tmp_path: Path, acknowledged: int
) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    for line in process.stdout:
        if int(line) >= acknowledged:
            break

    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()

    catalog = open_at(tmp_path / "gallery.db")
    total = catalog.index.page(AssetQuery()).total
    assert total >= 25 * acknowledged
    assert total % 25 == 0
    found = catalog.index.ids(AssetQuery.from_params({"q": ["beach"], "source": ["2"]}))
    assert len(found) == total
    assert catalog._database.row("PRAGMA integrity_check") == ("ok",)
    assert catalog._database.rows("PRAGMA foreign_key_check") == []
    catalog.close()


def test_uids_and_hashes_lead_to_their_assets(shelf: Shelf) -> None:
    a, b = shelf.put("a.jpg", "b.jpg")
    shelf.render(a)
    assets = shelf.catalog.assets
    uid = shelf.asset(a).uid

    assert assets.ids_of([uid, "x", "0" * 26]) == {uid: a}
    assert assets.by_sha256(processed().sha256) == shelf.asset(a)
    assert assets.by_sha256(processed("b").sha256) is None
    quick = [described("a.jpg").quick_hash, described("b.jpg").quick_hash]
    assert assets.by_quick_hash(quick) == {quick[0]: [a], quick[1]: [b]}
    assert [x.id for x in assets.many([b, AssetId(99), a])] == [b, a]
    assert (assets.get("nonsense"), assets.serving("nonsense"), assets.serving("0" * 26)) == (
        None, None, None,
    )  # fmt: skip


def test_serving_says_what_a_request_needs(shelf: Shelf) -> None:
    asset_id = shelf.put_one("a.jpg")
    shelf.render(asset_id)

    serving = shelf.catalog.assets.serving(shelf.asset(asset_id).uid)

    assert serving == (asset_id, "a" * 64, 1, "ready", "jpeg", "a.jpg", False, False)
