"""What the tests of the polite client share: a client, and replies it meets often."""

from __future__ import annotations

import socket
import struct
from collections.abc import Callable
from typing import Any

from gallery_app.connectors.pinned import Pins
from gallery_app.connectors.polite import Polite
from tests.connectors.wire import Time, Wire, answer, kept

GOOD = answer(b'{"ok": true}')
BUSY = "429 Too Many Requests"
HTML = answer(b"<html>bad</html>", "502 Bad Gateway", content_type="text/html")


def polite(wire: Wire, time: Time, **more: Any) -> Polite:
    more = {"pins": Pins.to(wire.url), "tools": time.tools, "name": "Acme", **more}
    return kept(Polite(wire.url + "/api/v2", **more))


def reset(client: socket.socket) -> None:
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()


def sending_and_closing(reply: bytes) -> Callable[[socket.socket], None]:
    def send(client: socket.socket) -> None:
        client.sendall(reply)
        client.shutdown(socket.SHUT_WR)

    return send
