"""The connector itself: what the gallery asks of an Immich, put together."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from gallery_app.connectors.base import Offer, Taken, Tools
from gallery_app.connectors.faults import answer_of
from gallery_app.connectors.immich.api import NAME, Api, is_missing, permission_lacking
from gallery_app.connectors.immich.changes import Changes
from gallery_app.connectors.immich.checking import check
from gallery_app.connectors.immich.models import Version
from gallery_app.connectors.immich.pictures import Site, is_picture, is_shown
from gallery_app.connectors.immich.requests import instant
from gallery_app.connectors.immich.scalars import file_name, is_uuid
from gallery_app.connectors.immich.tagging import Tagging
from gallery_app.domain.errors import Upstream, UpstreamGone
from gallery_app.domain.geometry import Box
from gallery_app.domain.remote import Budget, Findings, Listing, RemoteConfig, RemoteStream

ORIGINAL_CAP = 16 << 30  # a long video
PREVIEW_CAP = 32 << 20
_ORIGINAL_S = 4 * 3_600.0
_PREVIEW_S = 120.0
_CHECKED_AT_ONCE = 1_000
_DEVICE = "gallery"
_NO_DEVICE = Version(3, 0)  # before it, an upload must name one


class Immich:
    """One Immich server, seen with one key. See the package's docstring for keys."""

    def __init__(self, config: RemoteConfig, tools: Tools) -> None:
        self._api = Api(config, tools)
        self._site = Site(config.address)
        self._tagging = Tagging(self._api)
        self._archived = config.options.get("archived", "1") != "0"

    def __repr__(self) -> str:
        return f"Immich({self._site.base!r})"

    # --- Connector -------------------------------------------------------------------------

    def check(self) -> Findings:
        """What works and what is missing, in plain words."""
        return check(self._api)

    def changes(self, cursor: str, *, walk: bool = False) -> Iterator[Listing]:
        """What is new since `cursor`, in batches of at most 1,000 pictures."""
        run = Changes(self._api, self._site, self._tagging, archived=self._archived)
        yield from run.run(cursor, walk=walk)

    @contextmanager
    def open(
        self, key: str, *, start: int | None = None, end: int | None = None
    ) -> Iterator[RemoteStream]:
        """The bytes of an original; at most four come at once."""
        headers = {}
        if start is not None or end is not None:
            headers["range"] = f"bytes={start or 0}-{'' if end is None else end}"
        with (
            _of(key),
            self._api.http.stream(
                self._api.path(f"/assets/{key}/original"),
                cap_bytes=ORIGINAL_CAP,
                deadline_s=_ORIGINAL_S,
                headers=headers,
            ) as stream,
        ):
            yield stream

    def budget(self) -> Budget:
        """Immich sets no limits; we keep to four requests at once."""
        return self._api.http.budget()

    def close(self) -> None:
        """Give back connections."""
        self._api.http.close()

    # --- HasPreviews -----------------------------------------------------------------------

    @contextmanager
    def preview(self, key: str) -> Iterator[RemoteStream]:
        """Immich's own rendition of about 1,440 px; none until it was made there."""
        with (
            _of(key),
            self._api.http.stream(
                self._api.path(f"/assets/{key}/thumbnail"),
                params={"size": "preview"},
                cap_bytes=PREVIEW_CAP,
                deadline_s=_PREVIEW_S,
                small=True,
            ) as stream,
        ):
            yield stream

    # --- HasFaces --------------------------------------------------------------------------

    def faces(self, key: str) -> tuple[Box, ...]:
        """Where faces are in that picture; none where the key may not read them."""
        with _of(key):
            try:
                return self._api.faces(key)
            except Upstream as error:
                if permission_lacking(error) == "face.read":
                    return ()
                raise

    # --- HasSearch -------------------------------------------------------------------------

    def can_search(self) -> bool:
        """Whether the server's machine learning is on."""
        return self._api.smart_search()

    def search(self, text: str, *, limit: int) -> list[str]:
        """Keys of what shows this, best first; none when the server cannot tell."""
        text = text.strip()
        if not text or limit < 1 or not self.can_search():
            return []
        try:
            page = self._api.smart(text[:500], size=min(limit, 1_000))
        except Upstream as error:
            answer = answer_of(error)
            if answer is not None and answer.status == 400 and "not enabled" in answer.text:
                self._api.no_smart_search()
                return []
            raise
        shown = (asset.id for asset in page.assets if is_shown(asset) and is_picture(asset))
        return list(dict.fromkeys(shown))[:limit]

    # --- TakesUploads ----------------------------------------------------------------------

    def known(self, sha1s: Sequence[str]) -> dict[str, Taken]:
        """Those it has already, in its trash or not, by SHA-1."""
        found: dict[str, Taken] = {}
        wanted = list(dict.fromkeys(sha1s))
        for begin in range(0, len(wanted), _CHECKED_AT_ONCE):
            part = wanted[begin : begin + _CHECKED_AT_ONCE]
            asked = {"assets": [{"id": sha1, "checksum": sha1} for sha1 in part]}
            body = self._api.post("/assets/bulk-upload-check", asked).json()
            results = body.get("results") if isinstance(body, dict) else None
            if not isinstance(results, list):
                raise Upstream(NAME, "Immich did not say which pictures it has.")
            for result in results:
                if not isinstance(result, dict) or result.get("reason") != "duplicate":
                    continue
                sha1, key = result.get("id"), result.get("assetId")
                if isinstance(sha1, str) and isinstance(key, str) and is_uuid(key):
                    trashed = result.get("isTrashed") is True
                    found[sha1] = Taken(key, created=False, trashed=trashed)
        return found

    def upload(self, offer: Offer) -> Taken:
        """Hand over one picture; known bytes are not sent twice."""
        known = self.known([offer.sha1]).get(offer.sha1)
        if known is not None:
            return known
        name = file_name(offer.filename) or f"{offer.sha1}.jpg"
        fields = {
            "filename": name,
            "fileCreatedAt": instant(offer.taken_at),
            "fileModifiedAt": instant(offer.modified_at),
            "isFavorite": "true" if offer.favourite else "false",
        }
        if self._api.version() < _NO_DEVICE:
            mark = hashlib.blake2b(offer.sha1.encode(), digest_size=8).hexdigest()
            fields |= {"deviceAssetId": f"{name}-{mark}", "deviceId": _DEVICE}
        answer = self._api.http.post_file(
            self._api.path("/assets"),
            fields=fields,
            file_field="assetData",
            path=offer.path,
            filename=name,
            headers={"x-immich-checksum": offer.sha1},
            expect=(200, 201),
            idempotent=True,  # the same bytes are taken once
        )
        body = answer.json()
        key = body.get("id") if isinstance(body, dict) else None
        if not isinstance(key, str) or not is_uuid(key) or not isinstance(body, dict):
            raise Upstream(NAME, "Immich took the picture and did not say under which id.")
        if body.get("status") == "created":
            return Taken(key, created=True)
        # It came there meanwhile; that it was thrown away since only the check tells.
        return self.known([offer.sha1]).get(offer.sha1) or Taken(key, created=False)


@contextmanager
def _of(key: str) -> Iterator[None]:
    """Errors of one asset's bytes: what is missing is gone, whichever status says so.

    Raises:
        UpstreamGone: there is no such asset, or no such rendition (yet).
    """
    if not is_uuid(key):
        raise UpstreamGone(NAME, "Immich has no such picture.")
    try:
        yield
    except UpstreamGone:
        raise
    except Upstream as error:
        if is_missing(error):
            raise UpstreamGone(NAME, "Immich does not have this picture any more.") from error
        raise
