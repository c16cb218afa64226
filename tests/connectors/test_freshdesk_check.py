"""The connection test of Freshdesk, in plain words."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from gallery_app.connectors.answer import Answer
from gallery_app.connectors.freshdesk import KIND
from gallery_app.domain.remote import Finding, RemoteConfig
from tests.connectors.freshdesk_desk import Desk, desk


def _found(made: Desk) -> dict[str, Finding]:
    return {item.what: item for item in made.connect().check().items}


def test_a_good_account_is_told_in_seven_lines() -> None:
    with desk(tickets=2, per_minute=200) as made:
        findings = made.connect().check()

        assert findings.ok
        assert [item.what for item in findings.items] == [
            "Address", "Key", "Ticket scope", "Tickets", "Knowledge base", "Companies", "Budget",
        ]  # fmt: skip
        assert "200" in findings.items[-1].detail
        assert "120" in findings.items[-1].detail
        assert findings.facts["agent"] == "Gallery Sync"
        assert findings.facts["requests"] == "200 a minute"


def test_a_name_that_is_no_line_of_text_is_made_one(monkeypatch: pytest.MonkeyPatch) -> None:
    with desk() as made:
        connector = made.connect()
        real = connector.api.polite.get

        def get(path: str, **terms: Any) -> Answer:
            answer = real(path, **terms)
            if path == "agents/me":
                answer = replace(answer, body=answer.body.replace(b"Gallery", b"\\ud800\\n<b>"))
            return answer

        monkeypatch.setattr(connector.api.polite, "get", get)
        findings = connector.check()

        assert findings.facts["agent"] == "<b> Sync"
        assert findings.items[1].detail.endswith("that of <b> Sync.")


@pytest.mark.parametrize("scope", [2, 3])
def test_a_key_that_sees_only_some_tickets_is_warned_of(scope: int) -> None:
    with desk() as made:
        made.fake.ticket_scope = scope

        found = _found(made)["Ticket scope"]

        assert not found.ok
        assert "Global" in found.remedy
        assert made.connect().check().ok  # it works, for those


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("require_feature", "plan"),
        ("account_suspended", "suspended"),
        ("password_lockout", "locked"),
    ],
)
def test_each_refusal_has_its_own_words(code: str, words: str) -> None:
    with desk() as made:
        made.fake.gate.refuse["*"] = (403, code)

        findings = made.connect().check()

        assert not findings.ok
        assert words in findings.items[-1].detail
        assert findings.items[-1].remedy


def test_a_wrong_key_is_told_with_where_to_find_the_right_one() -> None:
    with desk() as made:
        made.fake.revoke_key()

        findings = made.connect().check()

        assert not findings.ok
        assert "API key" in findings.items[-1].remedy


def test_what_is_only_missing_does_not_stop_a_source() -> None:
    with desk() as made:
        made.fake.see_companies = False
        made.fake.gate.refuse["categories"] = (403, "access_denied")

        findings = made.connect().check()

        assert findings.ok
        assert {item.what for item in findings.items if not item.ok} == {
            "Companies",
            "Knowledge base",
        }
        assert all(item.remedy for item in findings.items if not item.ok)


def test_nobody_there_is_told_at_once() -> None:
    with desk() as made:
        config = RemoteConfig("http://127.0.0.1:9", "key")
        connector = KIND.open(config, made.clock.tools())

        findings = connector.check()
        connector.close()

        assert [item.what for item in findings.items] == ["Address"]
        assert not findings.ok
