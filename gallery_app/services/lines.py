"""The open line to each remote: one connector a source, opened with the key that lies sealed.

Nobody else unseals keys. A line is hung up when its source changes or is paused: what is under way
on it ends within moments, and the next who asks gets one with the new key.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from dataclasses import replace

from gallery_app.catalog.catalog import Catalog
from gallery_app.connectors.base import Connector, Kind, Tools
from gallery_app.domain.errors import Misconfigured, NotFound, NotReady, UpstreamRefused
from gallery_app.domain.model import Source, SourceId
from gallery_app.domain.remote import RemoteConfig
from gallery_app.services.forms import Options, defaults
from gallery_app.storage.vault import Vault


class _Line:
    """One open connector, and the tools that end its waits when it is hung up."""

    def __init__(self, kind: Kind, config: RemoteConfig, tools: Tools) -> None:
        self._ended = threading.Event()
        self._stopping = tools.wait
        self.connector = kind.open(config, replace(tools, wait=self._wait))

    def _wait(self, seconds: float) -> bool:
        """Rest; True when the line was hung up, as it is when the program ends."""
        return self._ended.wait(seconds) or self._stopping(0)

    def hang_up(self) -> None:
        """End what is under way."""
        self._ended.set()
        self.connector.close()


class Lines:
    """Opens connectors and keeps them open; safe from any thread."""

    def __init__(
        self, catalog: Catalog, vault: Vault, kinds: Mapping[str, Kind], tools: Tools
    ) -> None:
        self._catalog = catalog
        self._vault = vault
        self._kinds = kinds
        self._tools = tools
        self._lock = threading.Lock()
        self._open: dict[SourceId, _Line] = {}
        self._closed = False

    def source(self, source_id: SourceId, *, counted: bool = False) -> Source:
        """One remote source; unless `counted` its pictures are 0.

        Raises:
            NotFound: no remote source has this number, or it was removed.
        """
        source = self._catalog.sources.get(source_id, counted=counted)
        if source is None or source.removed_at is not None or source.kind not in self._kinds:
            raise NotFound("source")
        return source

    def connector(self, source_id: SourceId) -> Connector:
        """The open connector of a source: the same one until it is changed or paused.

        Raises:
            NotFound: no such remote source, or it was removed.
            UpstreamRefused: its key cannot be read any more.
            NotReady: the program ends.
        """
        with self._lock:
            if self._closed:
                raise NotReady
            found = self._open.get(source_id)
            if found is None:
                source = self.source(source_id)
                found = _Line(self._kinds[source.kind], self._config(source), self._tools)
                self._open[source_id] = found
            return found.connector

    def require_usable(self, kind: Kind, config: RemoteConfig) -> None:
        """Return only when a connector can be made of it; the remote is asked nothing.

        Raises:
            BadInput: an option cannot have its value.
        """
        kind.open(config, self._tools).close()

    def is_current(self, source_id: SourceId, connector: Connector) -> bool:
        """Whether that is still how the source is reached."""
        with self._lock:
            line = self._open.get(source_id)
        return line is not None and line.connector is connector

    def close(self) -> None:
        """Close every connector, for good; what is under way ends with an error."""
        with self._lock:
            self._closed = True
            opened, self._open = list(self._open.values()), {}
        for line in opened:
            line.hang_up()

    def hang_up(self, source_id: SourceId) -> None:
        """Close the connector of a source, if it is open, and end what is under way on it."""
        with self._lock:
            line = self._open.pop(source_id, None)
        if line is not None:
            line.hang_up()

    def _config(self, source: Source) -> RemoteConfig:
        try:
            secrets = self.secrets(source, strict=True)
        except Misconfigured as error:
            reason = "The saved key cannot be read any more. Enter it again."
            raise UpstreamRefused(source=source.name, reason=reason) from error
        key = secrets.pop("key", "")
        options = {
            **defaults(self._kinds[source.kind]),
            **self._catalog.remotes.config(source.id).options,
        }
        return RemoteConfig(source.address, key, Options({**options, **secrets}))

    def seal(self, source: Source, secrets: Mapping[str, str]) -> bytes:
        """What of a source is secret, as it is kept."""
        return self._vault.seal(json.dumps(dict(secrets)), context=_context(source))

    def secrets(self, source: Source, *, strict: bool = False) -> dict[str, str]:
        """What of a source is secret, by name; nothing when it cannot be read.

        Raises:
            Misconfigured: it cannot be read, and `strict`.
        """
        sealed = self._catalog.remotes.config(source.id).sealed
        if sealed is None:
            return {}
        try:
            return dict(json.loads(self._vault.open(sealed, context=_context(source))))
        except Misconfigured:
            if strict:
                raise
            return {}


def _context(source: Source) -> str:
    # Bound to the place: a sealed key in another source's row opens nothing.
    return f"{source.id}:{source.kind}:{source.address}"
