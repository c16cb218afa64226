"""A remote for screen tests: a kind with every sort of field, and a connector that says as told."""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Event

from gallery_app.connectors.base import Connector, Field, Kind, Tools
from gallery_app.domain.errors import BadInput
from gallery_app.domain.remote import Budget, Finding, Findings, RemoteConfig
from tests.services.far import Desk

KEY = "s3cret-key-of-anna"
FINE = Findings((Finding("Key", ok=True, detail="It belongs to Anna."),))
LACKING = Findings(
    (
        Finding("Key", ok=True, detail="It belongs to Anna."),
        Finding(
            "Contacts",
            ok=False,
            detail="Companies cannot be read.",
            remedy="Let an administrator allow contacts.",
            required=False,
        ),
    )
)


@dataclass
class Helpdesk(Desk):
    """One connector of a source; all of them share what the test said."""

    told: Told
    config: RemoteConfig

    def check(self) -> Findings:
        """As told, and who asked is written down."""
        self.told.checked.append(self.config)
        assert self.told.answers.wait(60)
        return self.told.findings

    def budget(self) -> Budget:
        """As told."""
        return self.told.budget


@dataclass
class Told:
    """What the remote says, and the settings it was opened with."""

    findings: Findings = FINE
    budget: Budget = field(default_factory=lambda: Budget(None, None, None))
    checked: list[RemoteConfig] = field(default_factory=list)
    answers: Event = field(default_factory=Event)  # cleared: a test is kept waiting

    def __post_init__(self) -> None:
        self.answers.set()

    def open(self, config: RemoteConfig, tools: Tools) -> Connector:
        """A connector for these settings."""
        return Helpdesk(self, config)

    def kind(self, name: str = "freshdesk") -> Kind:
        """A kind whose form has every sort of field."""
        return Kind(
            kind=name,
            title="Freshdesk" if name == "freshdesk" else "Product pictures",
            fields=(
                Field("address", "Domain", help="Such as acme.", required=True),
                Field("key", "API key", kind="secret", required=True),
                Field("notes", "Private notes", kind="flag", default="1"),
                Field(
                    "since",
                    "Since",
                    kind="choice",
                    choices=(("all", "The beginning"), ("year", "A year ago")),
                    default="all",
                    advanced=True,
                ),
            ),
            address_of=address_of,
            open=self.open,
            guide="An administrator makes the key.",
        )


def address_of(typed: str) -> str:
    """A domain as it is kept."""
    name = typed.strip().removesuffix(".freshdesk.com")
    if not name.isalnum():
        raise BadInput("This is no Freshdesk domain.")
    return f"https://{name}.freshdesk.com"
