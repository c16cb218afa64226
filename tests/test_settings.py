"""Settings: who is stronger, what is refused and why, and that the README tells them all."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from gallery_app.domain.errors import Misconfigured
from gallery_app.settings import PREFIX, Settings, load_settings, variables
from tests.readme import settings_table

ROOT = Path(__file__).parents[1]


def _load(folder: Path, environ: dict[str, str] | None = None, **given: object) -> Settings:
    said = {"data_dir": folder / "data", **given}
    return load_settings(environ or {}, folder=folder, given=said)


def test_without_anything_set_the_gallery_listens_to_this_machine_alone(tmp_path: Path) -> None:
    settings = load_settings({}, folder=tmp_path)

    assert (settings.host, settings.port, settings.folders) == ("127.0.0.1", 8080, [])
    assert settings.workers >= 1
    assert settings.data_dir.is_absolute()


def test_the_stronger_source_wins(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "gallery.toml").write_text(
        "port = 1\nworkers = 1\nquiet_s = 1\nmin_free_mb = 1"
    )
    (tmp_path / ".env").write_text("GALLERY_PORT=2\nGALLERY_WORKERS=2\nGALLERY_QUIET_S=2\nOTHER=x")
    environ = {"GALLERY_PORT": "3", "GALLERY_WORKERS": "3", "HOME": "/x"}

    settings = _load(tmp_path, environ, port=4)

    assert (settings.port, settings.workers, settings.quiet_s, settings.min_free_mb) == (4, 3, 2, 1)


def test_what_the_command_line_leaves_open_does_not_count(tmp_path: Path) -> None:
    assert _load(tmp_path, {"GALLERY_PORT": "3"}, port=None).port == 3


def test_an_empty_variable_is_none(tmp_path: Path) -> None:
    assert _load(tmp_path, {"GALLERY_PORT": "", "GALLERY_PUBLIC_URL": ""}).port == 8080


def test_the_data_folder_can_come_from_the_environment_and_then_holds_the_file(
    tmp_path: Path,
) -> None:
    (tmp_path / "gallery.toml").write_text("port = 7")

    settings = load_settings({"GALLERY_DATA": str(tmp_path)}, folder=tmp_path)

    assert (settings.data_dir, settings.port) == (tmp_path, 7)


def test_folders_in_the_environment_are_separated_as_in_path(tmp_path: Path) -> None:
    assert _load(tmp_path, {"GALLERY_FOLDERS": "/a b:/c"}).folders == [Path("/a b"), Path("/c")]


def test_folders_in_the_file_are_a_list(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "gallery.toml").write_text('folders = ["/a", "/b"]')

    assert _load(tmp_path).folders == [Path("/a"), Path("/b")]


@pytest.mark.parametrize("host", ["127.0.0.1", "127.3.2.1", "::1", "localhost"])
def test_addresses_of_this_machine_are_taken(tmp_path: Path, host: str) -> None:
    assert _load(tmp_path, host=host).host == host


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "photos.example.org", ""])
def test_an_address_others_reach_is_refused_with_the_way_round(tmp_path: Path, host: str) -> None:
    with pytest.raises(Misconfigured, match=r"host: .*ssh -L .*reverse proxy .*frames.*public_url"):
        _load(tmp_path, host=host)


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://photos.example.org/", "https://photos.example.org"),
        ("http://nas:8443/gallery", "http://nas:8443/gallery"),
        ("", None),
    ],
)
def test_a_public_address_is_kept_without_its_last_slash(
    tmp_path: Path, url: str, kept: str | None
) -> None:
    assert _load(tmp_path, public_url=url).public_url == kept


@pytest.mark.parametrize(
    "url",
    ["photos.example.org", "ftp://x", "https://", "https://x:99999", "http://a b", "http://x?y"],
)
def test_a_public_address_that_no_link_can_begin_with_is_refused(tmp_path: Path, url: str) -> None:
    with pytest.raises(Misconfigured, match="public_url: write it like https://"):
        _load(tmp_path, public_url=url)


@pytest.mark.parametrize(
    ("name", "value"),
    [("port", "70000"), ("port", "x"), ("workers", "0"), ("quiet_s", "-1"), ("log_level", "loud")],
)
def test_a_value_that_cannot_be_used_is_named(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(Misconfigured, match=f"^{name}: .*found '{value}'"):
        _load(tmp_path, {PREFIX + name.upper(): value})


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("colour = 1", "colour: there is no such setting"),
        ("port = ", "gallery.toml: cannot be read"),
        ('data_dir = "/x"', "gallery.toml: data_dir"),
    ],
    ids=["an unknown name", "no TOML", "the data folder itself"],
)
def test_a_file_that_cannot_be_used_is_refused(tmp_path: Path, text: str, sentence: str) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "gallery.toml").write_text(text)

    with pytest.raises(Misconfigured, match=sentence):
        _load(tmp_path)


# --- remotes -------------------------------------------------------------------------------

SECRET = "k3y-that-nobody-may-read"
BRIEF = {
    "IMMICH_URL": "http://photos.lan:2283/api",
    "IMMICH_API_KEY": SECRET,
    "DEFAULT_QUERY": "Mountains",
    "FRESHDESK_DOMAIN": "acme",
    "FRESHDESK_API_KEY": SECRET,
}


def test_the_names_of_the_programs_before_us_are_taken(tmp_path: Path) -> None:
    settings = _load(tmp_path, BRIEF)

    assert settings.default_query == "Mountains"
    assert settings.given_remotes() == [
        ("immich", "Immich", "http://photos.lan:2283", SECRET, {}),
        ("freshdesk", "Freshdesk", "acme", SECRET, {}),
    ]


def test_our_own_name_of_a_setting_is_the_stronger_one(tmp_path: Path) -> None:
    environ = {**BRIEF, "GALLERY_DEFAULT_QUERY": "Lakes"}

    assert _load(tmp_path, environ).default_query == "Lakes"


def test_a_shorter_name_in_the_environment_beats_the_file_beside_us(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("GALLERY_DEFAULT_QUERY=Lakes\nIMMICH_URL=http://a\n")

    settings = _load(tmp_path, BRIEF)

    assert settings.default_query == "Mountains"
    assert settings.immich_url == "http://photos.lan:2283"


@pytest.mark.parametrize(
    "url", ["http://photos.lan:2283", "http://photos.lan:2283/", "http://photos.lan:2283/api/"]
)
def test_an_immich_address_is_the_same_with_and_without_api(tmp_path: Path, url: str) -> None:
    settings = _load(tmp_path, {**BRIEF, "IMMICH_URL": url})

    assert settings.immich_url == "http://photos.lan:2283"


@pytest.mark.parametrize(
    "url", ["photos.lan:2283", "ftp://photos", f"http://me:{SECRET}@photos.lan", "http://p?key=1"]
)
def test_an_address_that_no_server_has_is_refused_and_no_secret_told(
    tmp_path: Path, url: str
) -> None:
    with pytest.raises(Misconfigured, match="immich_url: write it like http://") as refused:
        _load(tmp_path, {**BRIEF, "IMMICH_URL": url})

    assert SECRET not in refused.value.public


@pytest.mark.parametrize("missing", ["IMMICH_URL", "IMMICH_API_KEY", "FRESHDESK_API_KEY"])
def test_an_address_without_a_key_is_told_and_the_other_way_round(
    tmp_path: Path, missing: str
) -> None:
    environ = {name: value for name, value in BRIEF.items() if name != missing}

    with pytest.raises(Misconfigured, match=f"set {missing.lower()} as well") as refused:
        _load(tmp_path, environ)

    assert SECRET not in refused.value.public


def test_a_key_without_the_contact_it_is_for_is_told(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="set product_contact as well") as refused:
        _load(tmp_path, {"GALLERY_UPCITEMDB_KEY": SECRET})

    assert SECRET not in refused.value.public


def test_a_key_of_the_wrong_form_is_not_repeated(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "gallery.toml").write_text("immich_api_key = 4711471147")

    with pytest.raises(Misconfigured, match=r"^immich_api_key: ") as refused:
        _load(tmp_path)

    assert "4711471147" not in refused.value.public


def test_secrets_stand_in_no_text_of_the_settings(tmp_path: Path) -> None:
    environ = {**BRIEF, "GALLERY_UPCITEMDB_KEY": SECRET, "GALLERY_PRODUCT_CONTACT": "a@b.example"}

    settings = _load(tmp_path, environ)

    assert settings.given_remotes()[-1][1:] == (
        "Product pictures", "", "", {"contact": "a@b.example", "upcitemdb_key": SECRET},
    )  # fmt: skip
    told = f"{settings!r} {settings} {settings.given_remotes()!r} {settings.model_dump_json()}"
    assert SECRET not in told


# --- documentation -------------------------------------------------------------------------


@pytest.mark.parametrize("name", list(Settings.model_fields))
def test_every_setting_has_unit_help_and_line(name: str) -> None:
    field = Settings.model_fields[name]
    line = next(row for row in settings_table().splitlines() if f"| `{name}` |" in row)

    assert isinstance(field.json_schema_extra, dict)
    assert field.json_schema_extra["unit"]
    assert field.description
    assert field.description in line
    assert all(f"`{variable}`" in line for variable in variables(name))


def test_the_readme_has_exactly_this_table() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")

    assert settings_table() in readme.split("<!-- settings -->")[1]


@pytest.mark.parametrize("name", list(Settings.model_fields))
def test_no_setting_is_without_effect(name: str) -> None:
    package = ROOT / "gallery_app"
    readers = [p for p in package.glob("*.py") if p.name != "settings.py"]
    readers += (package / "cli").glob("*.py")
    trees = [ast.parse(reader.read_text(encoding="utf-8")) for reader in readers]
    own = ast.parse((package / "settings.py").read_text(encoding="utf-8"))
    given = next(n for n in ast.walk(own) if getattr(n, "name", "") == "given_remotes")

    read = {
        node.attr
        for tree in [*trees, given]
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id in {"settings", "self"}
    }

    assert name in read
