"""Pictures of Freshdesk: tickets, conversations, the knowledge base.

`KIND` is all that others need; start reading at `connector.py`.
"""

from gallery_app.connectors.base import Field, Kind
from gallery_app.connectors.freshdesk.address import address_of
from gallery_app.connectors.freshdesk.connector import Freshdesk as Freshdesk

_FIELDS = (
    Field("address", "Account", "The name before .freshdesk.com", required=True),
    Field(
        "key",
        "API key",
        "In Freshdesk: Profile settings, “View API key”",
        kind="secret",
        required=True,
    ),
    Field("private_notes", "Private notes", "Pictures that only agents see; they stay private "
          "here", kind="flag", default="1"),
    Field("knowledge_base", "Knowledge base", "Pictures of articles", kind="flag", default="1"),
    Field("languages", "Languages", "Of articles, such as de, fr; empty: all", advanced=True),
    Field("start", "First day", "Tickets that changed since, such as 2025-01-31; empty: all",
          advanced=True),
    Field("min_px", "Smallest picture", "Pixels; leaves out tracking pixels and lines",
          default="32", advanced=True),
    Field("budget_percent", "Share of the budget", "Percent of the requests that the account "
          "may make", default="60", advanced=True),
    Field("foreign", "Pictures from elsewhere", "Also fetch pictures that tickets show from "
          "other places of the web: logos, mostly", kind="flag", default="0", advanced=True),
    Field("hosts", "More hosts", "That may hold your pictures", advanced=True),
    Field("allow", "Private networks", "Where pictures may lie, such as 10.0.0.0/8",
          advanced=True),
)  # fmt: skip

KIND = Kind(
    kind="freshdesk",
    title="Freshdesk",
    fields=_FIELDS,
    address_of=address_of,
    open=Freshdesk,
    copies=True,
    every_s=600.0,
    walk_every_s=86_400.0,
    guide=(
        "Make an agent of its own for the gallery (occasional is enough): a role that may view "
        "tickets, solutions and companies, ticket scope “Global”, a plan with API access "
        "(Growth or higher). If the account lets only some addresses in, add this machine's. "
        "Automation rules may call the gallery's hook, so that new pictures come at once."
    ),
)
