"""What `gallery doctor` says of remotes: asked with the saved key, told without it."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gallery_app.cli import run
from gallery_app.cli.commands import opened
from gallery_app.cli.terminal import Terminal
from gallery_app.settings import GivenRemote, Settings
from gallery_app.testing.immich import FakeImmich
from gallery_app.testing.products import FakeProducts


@pytest.fixture
def immich() -> Iterator[FakeImmich]:
    with FakeImmich(assets=3) as fake:
        yield fake


def doctor(folder: Path, **environ: str) -> tuple[int, list[dict[str, Any]], str]:
    """Exit code, lines about remotes, and everything that was printed."""
    out, err = io.StringIO(), io.StringIO()
    told = {"GALLERY_DATA": str(folder / "data"), "GALLERY_WORKERS": "1", **environ}
    code = run(["doctor", "--json"], environ=told, folder=folder, terminal=Terminal(out, err))
    checks = json.loads(out.getvalue())
    kinds = {"immich", "freshdesk", "products"}
    return code, [c for c in checks if c["name"] in kinds], out.getvalue() + err.getvalue()


def connect(folder: Path, fake: FakeImmich, *, paused: bool = False) -> None:
    """Connect the stand-in, as the Sources page does."""
    settings = Settings.model_validate({"data_dir": folder / "data", "workers": 1})
    with opened(settings) as gallery:
        source = gallery.remotes.add("immich", "Photos", fake.url, fake.key, {})
        if paused:
            gallery.remotes.change(source.id, paused=True)


def test_a_remote_that_works_is_told_line_by_line(tmp_path: Path, immich: FakeImmich) -> None:
    connect(tmp_path, immich)

    code, lines, printed = doctor(tmp_path)

    assert code == 0, lines
    assert len(lines) > 1
    assert all(line["detail"].startswith("Photos: ") for line in lines)
    assert "3.1" in printed
    assert immich.key not in printed


def test_a_key_that_is_refused_fails_with_the_remedy(tmp_path: Path, immich: FakeImmich) -> None:
    connect(tmp_path, immich)
    immich.keys.clear()

    code, lines, printed = doctor(tmp_path)

    wrong = [line for line in lines if not line["ok"] and line["required"]]
    assert code == 1
    assert wrong
    assert all(line["remedy"] for line in wrong)
    assert immich.key not in printed


def test_a_remote_that_is_away_fails(tmp_path: Path, immich: FakeImmich) -> None:
    connect(tmp_path, immich)
    immich.close()

    code, lines, _ = doctor(tmp_path)

    assert code == 1
    assert [line for line in lines if not line["ok"]]


def test_a_paused_remote_is_left_alone(tmp_path: Path, immich: FakeImmich) -> None:
    connect(tmp_path, immich, paused=True)
    asked = immich.asked

    code, lines, _ = doctor(tmp_path)

    assert (code, [line["detail"] for line in lines]) == (0, ["Photos is paused"])
    assert immich.asked == asked


def settings_of(fake: FakeImmich, key: str = "") -> dict[str, str]:
    return {"IMMICH_URL": f"{fake.url}/api", "IMMICH_API_KEY": key or fake.key}


def test_what_the_settings_say_too_is_said_once(tmp_path: Path, immich: FakeImmich) -> None:
    connect(tmp_path, immich)

    code, lines, _ = doctor(tmp_path, **settings_of(immich))

    assert code == 0
    assert all(line["detail"].startswith("Photos: ") for line in lines)


def test_a_number_that_each_question_changes_is_no_other_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with FakeProducts() as shop:  # each test of UPCitemdb is a look-up less
        given = GivenRemote("products", "Product pictures", "", "", shop.options)
        monkeypatch.setattr(Settings, "given_remotes", lambda _: [given])
        settings = Settings.model_validate({"data_dir": tmp_path / "data", "workers": 1})
        with opened(settings) as gallery:
            gallery.remotes.add("products", "Shops", "", "", shop.options)

        _, lines, printed = doctor(tmp_path)

    assert "look-ups are left" in printed
    assert all(line["detail"].startswith("Shops: ") for line in lines)


def test_another_key_in_the_settings_than_the_saved_one_is_tried_too(
    tmp_path: Path, immich: FakeImmich
) -> None:
    connect(tmp_path, immich)

    code, lines, printed = doctor(tmp_path, **settings_of(immich, "wr0ng-key"))

    details = [line["detail"] for line in lines]
    assert code == 1
    assert "Immich (from the settings): answers otherwise than Photos as saved" in printed
    assert any(d.startswith("Photos: ") for d in details)
    assert [line for line in lines if not line["ok"] and "from the settings" in line["detail"]]
    assert "wr0ng-key" not in printed


def test_another_server_in_the_settings_than_the_connected_one_is_asked_too(
    tmp_path: Path, immich: FakeImmich
) -> None:
    connect(tmp_path, immich)

    with FakeImmich(assets=1) as other:
        code, lines, printed = doctor(tmp_path, **settings_of(other))

    assert "is another one than Photos; the next start connects it as well" in printed
    details = [line["detail"] for line in lines]
    assert code == 0, lines
    assert {d.partition(": ")[0] for d in details} == {"Photos", "Immich (from the settings)"}


def test_a_remote_of_the_settings_is_asked_before_it_is_connected(
    tmp_path: Path, immich: FakeImmich
) -> None:
    environ = settings_of(immich)

    code, lines, printed = doctor(tmp_path, **environ)
    wrong, _, also_printed = doctor(tmp_path, **{**environ, "IMMICH_API_KEY": "wr0ng-key"})

    assert (code, wrong) == (0, 1)
    assert all(line["detail"].startswith("Immich (from the settings): ") for line in lines)
    assert immich.key not in printed
    assert "wr0ng-key" not in also_printed
