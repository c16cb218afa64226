"""A Starlette app served on 127.0.0.1 for as long as a `with` block lasts.

`Served(app)` listens at once on a free port; `url` is where. Real sockets, so that clients meet
timeouts, broken connections and truncated answers as they are.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from types import TracebackType
from typing import Any

import uvicorn

_START_S = 10.0


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        self.ready.set()


class Served:
    """One ASGI app on a port of its own, until `close`.

    Args:
        app: any ASGI 3 app.
        port: 0 takes a free one.

    Raises:
        OSError: the port is taken.
        RuntimeError: the server did not come up.
    """

    def __init__(self, app: Any, *, port: int = 0) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            self._socket.bind(("127.0.0.1", port))
        except OSError:
            self._socket.close()
            raise
        self.host = "127.0.0.1"
        self.port: int = self._socket.getsockname()[1]
        self._server = _Server(
            uvicorn.Config(
                app,
                log_level="critical",  # a truncated answer is meant, not a fault to tell of
                access_log=False,
                lifespan="off",
                ws="none",
                timeout_graceful_shutdown=1,
                backlog=256,
                server_header=False,
            )
        )
        self._thread = threading.Thread(
            target=self._server.run,
            kwargs={"sockets": [self._socket]},
            name=f"served-{self.port}",
            daemon=True,
        )
        self._thread.start()
        if not self._server.ready.wait(_START_S):
            self.close()
            raise RuntimeError("the server did not come up")

    @property
    def url(self) -> str:
        """Where it listens, without a slash at the end."""
        return f"http://{self.host}:{self.port}"

    def close(self) -> None:
        """Stop listening; open answers are cut off after a second. Closing twice is fine."""
        self._server.should_exit = True
        self._thread.join(_START_S)
        with contextlib.suppress(OSError):
            self._socket.close()

    def __enter__(self) -> Served:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
