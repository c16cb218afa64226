"""The bytes of pictures: renditions from the cache or made now, and originals as they are."""

from __future__ import annotations

from gallery_app.catalog.catalog import Catalog
from gallery_app.catalog.values import Serving
from gallery_app.domain.errors import NotFound, Unreadable, UpstreamGone
from gallery_app.domain.media import MEDIA_TYPES
from gallery_app.domain.model import AssetId, Sha256
from gallery_app.domain.renditions import RENDITIONS, RenditionSpec, is_whole
from gallery_app.services.origins import Origins
from gallery_app.services.rendering import Rendering
from gallery_app.services.values import Bytes, File
from gallery_app.storage.local import Cache


class Media:
    """The only door to derived bytes and to originals."""

    def __init__(
        self, catalog: Catalog, cache: Cache, origins: Origins, rendering: Rendering
    ) -> None:
        self._catalog = catalog
        self._cache = cache
        self._origins = origins
        self._rendering = rendering

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
        """
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
        data = self._rendering.make(serving.id, serving.sha256, name, wait_s)
        again = self._catalog.assets.serving(uid) or serving
        return _bytes(spec, again.sha256 or serving.sha256, data, again.version)

    def original(self, uid: str) -> File:
        """The original of an asset, byte for byte.

        Raises:
            NotFound: no such asset.
            UpstreamGone: it is nowhere to be found.
        """
        serving = self._catalog.assets.serving(uid)
        if serving is None:
            raise NotFound("picture")
        return self.original_of(serving.id, uid)

    def original_of(self, asset_id: AssetId, uid: str) -> File:
        """The original of an asset that is known by its id."""
        asset = self._catalog.assets.by_id(asset_id)
        if asset is None:
            raise NotFound("picture")
        origin = self._origins.find(asset_id)
        kind = MEDIA_TYPES.get(asset.media_type, MEDIA_TYPES["unknown"])
        try:
            stat = origin.path.stat()
        except OSError as error:
            raise UpstreamGone from error
        return File(
            path=origin.path,
            size_bytes=stat.st_size,
            content_type=kind.content_type,
            filename=asset.filename,
            inline=kind.inline,
            etag=f'"{asset.sha256 or uid}-{stat.st_size:x}-{stat.st_mtime_ns:x}"',
        )

    def _require_showable(self, uid: str, serving: Serving) -> None:
        if serving.status == "missing":
            raise UpstreamGone
        if serving.status == "unreadable":
            asset = self._catalog.assets.get(uid)
            if asset is not None and asset.problem is not None:
                raise Unreadable(asset.problem.sentence)
            raise Unreadable("This file cannot be shown.")

    def _from_cache(self, spec: RenditionSpec, sha256: Sha256, version: int) -> Bytes | None:
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
