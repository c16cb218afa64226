"""The settings: one table of name, default, unit and help (tests/readme.py makes README's of it).

Sources, strongest first: the command line, `GALLERY_*` in the environment, a `.env` file in
the current folder, `gallery.toml` in the data folder, the defaults here. Some have a second,
shorter variable that other programs use (`IMMICH_URL`). The environment is an argument of
`load_settings`; nothing is read at import. Keys are secrets: no repr, no error shows them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple
from urllib.parse import urlsplit

import platformdirs
from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import (
    BaseSettings,
    DotEnvSettingsSource,
    EnvSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    TomlConfigSettingsSource,
)

from gallery_app.domain.errors import Misconfigured
from gallery_app.domain.hosts import is_this_machine

PREFIX = "GALLERY_"
FILE = "gallery.toml"
# Where the variable is not the prefix and the name: `--data` and it say the same word.
_VARIABLES = {"data_dir": "GALLERY_DATA"}
# Second names without our prefix, as the programs that came before us call them.
_ALSO = {
    "immich_url": "IMMICH_URL",
    "immich_api_key": "IMMICH_API_KEY",
    "freshdesk_domain": "FRESHDESK_DOMAIN",
    "freshdesk_api_key": "FRESHDESK_API_KEY",
    "default_query": "DEFAULT_QUERY",
}


class GivenRemote(NamedTuple):
    """A remote that the settings name: what `RemoteBook.add` takes, as plain data."""

    kind: str
    name: str
    address: str
    key: str
    options: dict[str, str]

    def __repr__(self) -> str:
        return f"GivenRemote({self.kind!r}, {self.name!r}, {self.address!r})"


def _cores() -> int:
    """Cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return max(1, len(os.sched_getaffinity(0)))
    return os.cpu_count() or 1


def _setting(unit: str, shown: str = "") -> dict[str, Any]:
    """What the README's table says beside the help: the unit, and a default in words."""
    return {"unit": unit, "shown": shown}


class Settings(BaseSettings):
    """Everything that can be set, checked; made by `load_settings`."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="forbid", frozen=True)

    data_dir: Path = Field(
        default_factory=lambda: platformdirs.user_data_path("gallery", appauthor=False),
        description="Where the index, uploads, cache and keys lie. On a local disk.",
        json_schema_extra=_setting("folder", "the system's data folder"),
    )
    folders: Annotated[list[Path], NoDecode] = Field(
        default_factory=list,
        description="Folders to watch besides those added on the Sources page; "
        "in the environment separated as in PATH. They are never written to.",
        json_schema_extra=_setting("folders", "none"),
    )
    host: str = Field(
        default="127.0.0.1",
        description="Address to listen on; only this machine's own until accounts exist.",
        json_schema_extra=_setting("address"),
    )
    port: int = Field(
        default=8080,
        ge=0,
        le=65_535,
        description="Port to listen on; 0 takes any free one.",
        json_schema_extra=_setting("port"),
    )
    open_browser: bool = Field(
        default=True,
        description="Open the gallery in the browser once it answers.",
        json_schema_extra=_setting("yes or no"),
    )
    public_url: str | None = Field(
        default=None,
        description="What signed links, frames and webhooks begin with, when others reach the "
        "gallery under another name (behind a reverse proxy): https://photos.example.org.",
        json_schema_extra=_setting("address", "none: host and port"),
    )
    workers: int = Field(
        default_factory=_cores,
        ge=1,
        le=256,
        description="Processes that read and render pictures.",
        json_schema_extra=_setting("processes", "one per core"),
    )
    rescan_minutes: float = Field(
        default=15,
        ge=0.05,
        le=100_000,
        description="How often folders are looked through besides being watched.",
        json_schema_extra=_setting("minutes"),
    )
    quiet_s: float = Field(
        default=2,
        ge=0,
        le=3_600,
        description="How long a file stands still before it is taken.",
        json_schema_extra=_setting("seconds"),
    )
    image_limit_mb: int = Field(
        default=200,
        ge=1,
        le=100_000,
        description="The largest picture an upload may bring.",
        json_schema_extra=_setting("MB"),
    )
    video_limit_mb: int = Field(
        default=500,
        ge=1,
        le=100_000,
        description="The largest video an upload may bring.",
        json_schema_extra=_setting("MB"),
    )
    min_free_mb: int = Field(
        default=1_074,
        ge=0,
        le=100_000_000,
        description="Nothing new is taken in when less is free on the data folder's disk; "
        "on small disks 2 % of it, if that is less.",
        json_schema_extra=_setting("MB"),
    )
    immich_url: str | None = Field(
        default=None,
        description="An Immich server to connect at start, with or without /api at its end.",
        json_schema_extra=_setting("address", "none"),
    )
    immich_api_key: SecretStr | None = Field(
        default=None,
        description="Its API key. Keys given on the Sources page are kept encrypted instead.",
        json_schema_extra=_setting("secret", "none"),
    )
    freshdesk_domain: str | None = Field(
        default=None,
        description="A Freshdesk account to connect at start: acme or acme.freshdesk.com.",
        json_schema_extra=_setting("domain", "none"),
    )
    freshdesk_api_key: SecretStr | None = Field(
        default=None,
        description="The API key of one of its agents, best one who sees all tickets.",
        json_schema_extra=_setting("secret", "none"),
    )
    product_contact: str | None = Field(
        default=None,
        description="Your e-mail address; connects the product pictures, whose databases ask "
        "to be told whom to write to.",
        json_schema_extra=_setting("e-mail", "none"),
    )
    upcitemdb_key: SecretStr | None = Field(
        default=None,
        description="Your key of UPCitemdb, for more than its 100 free questions a day; "
        "with product_contact.",
        json_schema_extra=_setting("secret", "none"),
    )
    default_query: str = Field(
        default="",
        max_length=500,
        description="What `/new-image` looks for when it is asked for nothing.",
        json_schema_extra=_setting("words", "none: any picture but tickets'"),
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="warning",
        description="How much is written to standard error.",
        json_schema_extra=_setting("level"),
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only what is passed in: `load_settings` asks the other sources itself."""
        return (init_settings,)

    @field_validator("folders", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return [part for part in value.split(os.pathsep) if part.strip()]
        return value

    @field_validator("data_dir", mode="after")
    @classmethod
    def _whole_path(cls, value: Path) -> Path:
        return value.expanduser().absolute()

    @field_validator("host", mode="after")
    @classmethod
    def _own_address(cls, value: str) -> str:
        if not is_this_machine(value):
            raise ValueError(
                f"{value} can be reached by others, and accounts do not exist yet. Keep 127.0.0.1 "
                "and reach it from elsewhere through `ssh -L 8080:127.0.0.1:8080`. A reverse "
                "proxy gets what has a key of its own alone (signed links, frames, webhooks); "
                "set public_url to its address"
            )
        return value

    @field_validator("public_url", mode="before")
    @classmethod
    def _base_address(cls, value: object) -> object:
        if value in {None, ""}:
            return None
        text = str(value).rstrip("/")
        if not _is_http(text):
            raise ValueError("write it like https://photos.example.org")
        return text

    @field_validator("immich_url", mode="before")
    @classmethod
    def _server(cls, value: object) -> object:
        if value in {None, ""}:
            return None
        text = str(value).strip().rstrip("/")
        if not _is_http(text) or "@" in text:
            raise ValueError("write it like http://photos.lan:2283/api, without user or password")
        return text.removesuffix("/api")

    @field_validator("freshdesk_domain", "product_contact", mode="after")
    @classmethod
    def _trimmed(cls, value: str | None) -> str | None:
        return (value or "").strip() or None

    @model_validator(mode="after")
    def _whole_pairs(self) -> Settings:
        for place, key in (
            ("immich_url", "immich_api_key"),
            ("freshdesk_domain", "freshdesk_api_key"),
        ):
            said = [getattr(self, place), getattr(self, key)]
            if said.count(None) == 1:
                missing = place if said[0] is None else key
                raise ValueError(f"{place} and {key} belong together; set {missing} as well")
        if self.upcitemdb_key and not self.product_contact:
            raise ValueError("upcitemdb_key is of no use alone; set product_contact as well")
        return self

    def given_remotes(self) -> list[GivenRemote]:
        """The remotes that are named here, to be connected at start if they are not yet."""
        named = (
            ("immich", "Immich", self.immich_url, self.immich_api_key),
            ("freshdesk", "Freshdesk", self.freshdesk_domain, self.freshdesk_api_key),
        )
        given = [
            GivenRemote(kind, name, address, key.get_secret_value(), {})
            for kind, name, address, key in named
            if address and key
        ]
        if self.product_contact:
            options = {"contact": self.product_contact}
            if self.upcitemdb_key:
                options["upcitemdb_key"] = self.upcitemdb_key.get_secret_value()
            given.append(GivenRemote("products", "Product pictures", "", "", options))
        return given


class _Environment(EnvSettingsSource):
    """`GALLERY_*` of a mapping instead of the process's own environment."""

    def __init__(self, environ: Mapping[str, str | None]) -> None:
        self._environ = {name.lower(): value for name, value in environ.items() if value}
        for name, variable in _VARIABLES.items():
            value = self._environ.pop(variable.lower(), None)
            if value is not None:
                self._environ[f"{PREFIX}{name}".lower()] = value
        for name, variable in _ALSO.items():
            value = self._environ.get(variable.lower())
            if value is not None:
                self._environ.setdefault(f"{PREFIX}{name}".lower(), value)
        super().__init__(Settings, env_ignore_empty=True)

    def _load_env_vars(self) -> Mapping[str, str | None]:
        return self._environ


def load_settings(
    environ: Mapping[str, str], *, folder: Path, given: Mapping[str, object] | None = None
) -> Settings:
    """The settings as all sources together give them.

    Args:
        environ: `os.environ` outside of tests.
        folder: the current folder; its `.env` is read.
        given: what the command line says, by name; None values count as not said.

    Raises:
        Misconfigured: names the first setting that cannot be used, and why.
    """
    said = {name: value for name, value in (given or {}).items() if value is not None}
    try:
        dotenv = DotEnvSettingsSource(Settings, env_file=folder / ".env").env_vars
        values: dict[str, Any] = {**_Environment(dotenv)(), **_Environment(environ)(), **said}
        data_dir = _data_dir(values)
        toml = TomlConfigSettingsSource(Settings, toml_file=data_dir / FILE)()
        if "data_dir" in toml:
            raise Misconfigured(FILE, "data_dir cannot be set in the data folder itself")
        return Settings(**{**toml, **values, "data_dir": data_dir})
    except ValidationError as error:
        raise _misconfigured(error) from error
    except SettingsError as error:
        raise Misconfigured("settings", str(error)) from error
    except (OSError, ValueError) as error:
        # A file that cannot be read, or is no TOML or no text.
        raise Misconfigured(FILE, f"cannot be read: {error}") from error


def variable(name: str) -> str:
    """The environment variable of a setting."""
    return _VARIABLES.get(name, PREFIX + name.upper())


def variables(name: str) -> list[str]:
    """The environment variables of a setting, the stronger first."""
    return [variable(name), *([_ALSO[name]] if name in _ALSO else [])]


def _data_dir(values: Mapping[str, Any]) -> Path:
    text = values.get("data_dir")
    if text is None:
        field = Settings.model_fields["data_dir"]
        default = field.get_default(call_default_factory=True, validated_data={})
        return Path(default).absolute()
    return Path(str(text)).expanduser().absolute()


def _is_http(text: str) -> bool:
    """Whether it is an address that others can be put behind."""
    try:
        parts = urlsplit(text)
        good = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    return good and not re.search(r"[\s\\?#]", text)


def _misconfigured(error: ValidationError) -> Misconfigured:
    first = error.errors(include_url=False, include_context=True)[0]
    name = ".".join(str(part) for part in first["loc"]) or "settings"
    if first["type"] == "extra_forbidden":
        known = ", ".join(Settings.model_fields)
        return Misconfigured(name, f"there is no such setting. Known are {known}")
    reason = str(first["msg"]).removeprefix("Value error, ")
    if name == "settings" or name.endswith("_key") or "@" in str(first["input"]):
        return Misconfigured(name, reason)  # what was found may be, or hold, a secret
    return Misconfigured(name, f"{reason} (found {str(first['input'])[:80]!r})")
