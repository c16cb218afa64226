"""Where the key goes, to the remote alone; and that no secret is ever told."""

from __future__ import annotations

import json
import logging
import traceback
from collections.abc import Callable

import pytest

from gallery_app.connectors.faults import answer_of
from gallery_app.connectors.pinned import Pins
from gallery_app.connectors.polite import Polite
from gallery_app.domain.errors import (
    BadInput,
    GalleryError,
    NotAllowed,
    Upstream,
)
from tests.connectors.asked import GOOD, polite
from tests.connectors.wire import Time, Wire, answer

# --- where the key goes ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:{other}/api/v2/x",
        "https://127.0.0.1:{here}/api/v2/x",
        "http://localhost:{here}/api/v2/x",
        "http://127.0.0.1.evil.example:{here}/",
        "http://user@127.0.0.1:{here}/",
        "file:///etc/passwd",
        "../v1/x",
        "x/../../../admin",
    ],
)
def test_the_key_goes_to_the_remote_itself_alone(
    serve: Callable[..., Wire], time: Time, url: str
) -> None:
    here, other = serve(GOOD), serve(GOOD)
    api = polite(here, time, headers={"x-api-key": "sesame-open"})

    with pytest.raises(NotAllowed):
        api.get(url.format(here=here.port, other=other.port))

    assert here.connections == other.connections == 0


def test_a_whole_address_of_the_same_remote_is_followed(
    serve: Callable[..., Wire], time: Time
) -> None:
    wire = serve(GOOD)

    polite(wire, time).get(f"{wire.url}/api/v2/tickets?page=2")

    assert wire.paths == ["/api/v2/tickets?page=2"]


def test_a_redirect_is_told_not_followed(serve: Callable[..., Wire], time: Time) -> None:
    other = serve(GOOD)
    wire = serve(answer(b"", "302 Found", location=f"{other.url}/x?sig=1"))
    api = polite(wire, time, headers={"x-api-key": "sesame-open"})

    with pytest.raises(Upstream, match=r"sends us on to 127\.0\.0\.1"):
        api.get("x")
    assert api.get("x", expect=(302,)).location == f"{other.url}/x?sig=1"

    assert other.connections == 0


def test_a_redirect_within_the_remote_is_made_whole(serve: Callable[..., Wire], time: Time) -> None:
    wire = serve(answer(b"", "301 Moved", location="/login"))

    assert polite(wire, time).get("x", expect=(301,)).location == f"{wire.url}/login"


@pytest.mark.parametrize("to", ["", "http://[x"], ids=["none", "no address"])
def test_a_redirect_to_nowhere_has_no_place(
    to: str, serve: Callable[..., Wire], time: Time
) -> None:
    sent_on = polite(serve(answer(b"", "302 Found", location=to)), time).get("x", expect=(302,))

    assert sent_on.location is None
    assert sent_on.redirect_host == "another place"


@pytest.mark.parametrize(
    "url", ["http://user:word@h.example", "http://h.example/?key=1", "http://h.example/#x", "nas"]
)
def test_an_address_with_more_than_an_address_in_it_is_refused(url: str, time: Time) -> None:
    with pytest.raises(BadInput):
        Polite(url, tools=time.tools, name="Acme", pins=Pins.public())


@pytest.mark.parametrize("key", ["schlüssel", "two\nlines", "nul\0"])
def test_a_key_that_no_header_can_hold_is_refused_without_telling_it(key: str, time: Time) -> None:
    with pytest.raises(BadInput) as refused:
        Polite(
            "http://h.example",
            tools=time.tools,
            name="Acme",
            pins=Pins.public(),
            headers={"x-api-key": key},
        )

    assert key not in f"{refused.value} {refused.value!r}"


def test_the_space_around_a_copied_key_is_not_sent(serve: Callable[..., Wire], time: Time) -> None:
    wire = serve(GOOD)

    polite(wire, time, headers={"x-api-key": " sesame-open\n"}).get("x")

    assert b"x-api-key: sesame-open\r\n" in wire.requests[0]


# --- secrets -----------------------------------------------------------------------------------


def test_no_secret_is_ever_told(
    serve: Callable[..., Wire], time: Time, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    told: list[str] = []
    header, user, named, query, signed = secrets = [f"sesame-{number}" for number in range(5)]
    echo = json.dumps({"you sent": [header, user, named]}).encode()
    wire = serve(
        GOOD,
        answer(echo, "400 Bad Request", x_echo=header),
        answer(echo, "401 Unauthorized"),
        answer(b"", "302 Found", location=f"http://s3.example/x?sig={signed}"),
    )
    api = polite(wire, time, headers={"X-Api-Key": header}, auth=(user, "X"), secrets=[named])

    told.append(repr(api.get(named, params={"token": query})))
    for _ in range(3):
        with pytest.raises(GalleryError) as error:
            api.get("x", params={"token": query})
        seen = answer_of(error.value)
        assert seen is not None
        told += [repr(error.value), str(error.value.data()), repr(seen), seen.url, seen.text]
        told += [*traceback.format_exception(error.value), str(seen.headers)]
    told += [repr(api), caplog.text]

    everything = "\n".join(told)
    assert [secret for secret in secrets if secret in everything] == []
    assert "GET 127.0.0.1/api/v2/x 400" in caplog.text


def test_a_secret_that_is_said_over_and_over_is_hidden_to_the_end(
    serve: Callable[..., Wire], time: Time
) -> None:
    secret = "sesame-" * 20
    wire = serve(answer(secret.encode() * 40, "400 Bad Request"))

    with pytest.raises(Upstream) as error:
        polite(wire, time, secrets=[secret]).get("x")

    seen = answer_of(error.value)
    assert seen is not None
    assert "sesame" not in seen.text


def test_what_a_bad_answer_said_is_kept_short(serve: Callable[..., Wire], time: Time) -> None:
    wire = serve(answer(b"x" * 500_000, "400 Bad Request", content_type="text/html"))

    with pytest.raises(Upstream) as error:
        polite(wire, time).get("x")

    seen = answer_of(error.value)
    assert seen is not None
    assert len(seen.body) == 2048
