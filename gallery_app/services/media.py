"""The bytes of pictures: renditions from the cache or made now, and originals as they are.

Who waits for a remote is one of a few: the others who ask are told to come back, so that local
pictures are served however long a remote takes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import TimeoutError as FutureTimeout

from gallery_app.catalog.catalog import Catalog
from gallery_app.catalog.values import Serving
from gallery_app.domain.errors import NotFound, NotReady, Unreadable, UpstreamGone
from gallery_app.domain.media import MEDIA_TYPES, full_name
from gallery_app.domain.model import Asset, AssetId, Sha256
from gallery_app.domain.renditions import RENDITIONS, RenditionSpec, is_whole
from gallery_app.services.deadline import Deadline
from gallery_app.services.few import COME_BACK_S, Few
from gallery_app.services.origins import Origin, Origins
from gallery_app.services.previews import Previews
from gallery_app.services.rendering import Rendering
from gallery_app.services.values import Bytes, File, Streamed
from gallery_app.storage.local import Cache

MOST_WAITING = 8  # for remotes, at one time
SPOOLED_WITHIN_S = 120.0


class Media:
    """The only door to derived bytes and to originals."""

    def __init__(
        self,
        catalog: Catalog,
        cache: Cache,
        origins: Origins,
        rendering: Rendering,
        previews: Previews | None = None,
        *,
        monotonic: Callable[[], float],
    ) -> None:
        self._catalog = catalog
        self._cache = cache
        self._origins = origins
        self._rendering = rendering
        self._previews = previews
        self._monotonic = monotonic
        self._few = Few(MOST_WAITING)

    def cached(self, uid: str, name: str) -> Bytes | None:
        """A rendition that is there already, else None; quick enough for an event loop."""
        serving = self._catalog.assets.serving(uid)
        return None if serving is None else self.ready(serving, name)

    def ready(self, serving: Serving, name: str) -> Bytes | None:
        """As `cached`, for an asset that was looked up already."""
        spec = RENDITIONS.get(name)
        if spec is None or serving.sha256 is None:
            return None
        return self._from_cache(spec, serving.sha256, serving.version)

    def rendition(self, uid: str, name: str | RenditionSpec, *, wait_s: float = 10.0) -> Bytes:
        """A rendition, made now if it is not there; two who ask get one making.

        `name` is one of RENDITIONS, or a spec of the caller's own.

        Raises:
            NotFound: no such asset or rendition.
            NotReady: it is not made after `wait_s`.
            Unreadable: the original cannot be shown; the sentence says why.
            UpstreamGone: the original is nowhere to be found.
            Upstream, UpstreamTimeout, Paused: a remote alone has it, and does not give it.
        """
        until = Deadline(wait_s, self._monotonic)
        spec = name if isinstance(name, RenditionSpec) else RENDITIONS.get(name)
        if spec is None:
            raise NotFound("rendition")
        serving = self._catalog.assets.serving(uid)
        if serving is None:
            raise NotFound("picture")
        if serving.sha256 is not None:
            found = self._from_cache(spec, serving.sha256, serving.version)
            if found is not None:
                return found
        self._require_showable(uid, serving)
        if serving.remote:
            return self._from_remote(uid, serving, spec, until)
        data = self._rendering.make(serving.id, serving.sha256, spec, until)
        again = self._catalog.assets.serving(uid) or serving
        return _bytes(spec, again.sha256 or serving.sha256, data, again.version)

    def prepare(self, asset_ids: Sequence[AssetId], name: str) -> None:
        """Begin to make a rendition of those that only a remote has, for when it is away."""
        spec = RENDITIONS.get(name)
        if spec is None:
            return
        for asset in self._catalog.assets.many(asset_ids):
            serving = self._catalog.assets.serving(asset.uid) if asset.remote else None
            if (
                serving is not None
                and serving.sha256 is not None
                and self._from_cache(spec, serving.sha256, serving.version) is None
            ):
                self._rendering.begin(asset.id, serving.sha256, spec)

    def original(self, uid: str) -> File | Streamed:
        """The original of an asset, byte for byte: a file here, or passed through from a remote.

        Raises:
            NotFound: no such asset.
            UpstreamGone: it is nowhere to be found.
            Paused: a remote alone has it, and is left alone.
        """
        serving = self._catalog.assets.serving(uid)
        if serving is None:
            raise NotFound("picture")
        return self.original_of(serving.id)

    def original_of(self, asset_id: AssetId) -> File | Streamed:
        """The original of an asset that is known by its id."""
        asset = self._catalog.assets.by_id(asset_id)
        if asset is None:
            raise NotFound("picture")
        try:
            origin = self._origins.find(asset_id)
        except UpstreamGone:
            return self._origins.streamed(asset)
        return _file(asset, origin)

    def original_file(self, uid: str, *, wait_s: float = SPOOLED_WITHIN_S) -> File:
        """The original as a file, fetched if only a remote has it; read it soon.

        Raises:
            NotFound: no such asset.
            NotReady: it did not come in `wait_s`.
            UpstreamGone: it is nowhere to be found.
            Upstream, UpstreamTimeout, Paused: a remote alone has it, and does not give it.
        """
        asset = self._catalog.assets.get(uid)
        if asset is None:
            raise NotFound("picture")
        try:
            origin = self._origins.find(asset.id)
        except UpstreamGone:
            try:
                origin = self._origins.fetch(asset.id).result(wait_s)
            except FutureTimeout as error:
                raise NotReady(retry_after_s=COME_BACK_S) from error
        return _file(asset, origin)

    def _from_remote(
        self, uid: str, serving: Serving, spec: RenditionSpec, until: Deadline
    ) -> Bytes:
        """A rendition of what only a remote has; its preview comes first."""
        with self._few.one():
            if serving.sha256 is None:
                serving = self._first(uid, serving, until)
                found = self._from_cache(spec, serving.sha256, serving.version)
                if found is not None:
                    return found
            data = self._rendering.make(serving.id, serving.sha256, spec, until)
        return _bytes(spec, serving.sha256, data, serving.version)

    def _first(self, uid: str, serving: Serving, until: Deadline) -> Serving:
        """The asset once its preview was rendered."""
        if self._previews is None:
            raise NotReady
        try:
            self._previews.hurry(serving.id).result(until.left_s())
        except FutureTimeout as error:
            raise NotReady(retry_after_s=COME_BACK_S) from error
        again = self._catalog.assets.serving(uid)
        if again is None or again.sha256 is None:
            raise NotReady
        return again

    def _require_showable(self, uid: str, serving: Serving) -> None:
        if serving.status == "missing":
            raise UpstreamGone
        if serving.status == "unreadable":
            asset = self._catalog.assets.get(uid)
            if asset is not None and asset.problem is not None:
                raise Unreadable(asset.problem.sentence)
            raise Unreadable("This file cannot be shown.")

    def _from_cache(self, spec: RenditionSpec, sha256: Sha256 | None, version: int) -> Bytes | None:
        if sha256 is None:
            return None
        key = spec.key(sha256)
        data = self._cache.get(key)
        if data is None:
            return None
        if not is_whole(spec, data):
            self._cache.delete(key)
            return None
        return _bytes(spec, sha256, data, version)


def _bytes(spec: RenditionSpec, sha256: Sha256 | None, data: bytes, version: int) -> Bytes:
    etag = f'"{spec.fingerprint}-{sha256 or version}"'
    return Bytes(data=data, content_type=spec.content_type, etag=etag, version=version)


def _file(asset: Asset, origin: Origin) -> File:
    kind = MEDIA_TYPES.get(asset.media_type, MEDIA_TYPES["unknown"])
    try:
        stat = origin.path.stat()
    except OSError as error:
        raise UpstreamGone from error
    return File(
        path=origin.path,
        size_bytes=stat.st_size,
        content_type=kind.content_type,
        filename=full_name(asset.filename, kind.code),
        inline=kind.inline,
        etag=f'"{asset.sha256 or asset.uid}-{stat.st_size:x}-{stat.st_mtime_ns:x}"',
    )
