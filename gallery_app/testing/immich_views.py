"""An Immich's answers as JSON, each version in its own words."""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

from gallery_app.testing.immich_world import Album, Asset, Person, Tag, World

Json = dict[str, Any]
_ZONES = {60: "Europe/Berlin", 120: "UTC+2", -420: "America/Denver", 330: "Asia/Kolkata"}


def instant(time: datetime) -> str:
    """UTC, cut to milliseconds."""
    return f"{time.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='milliseconds')}Z"


class Views:
    """Words answers for one version."""

    def __init__(self, world: World, version: tuple[int, int, int]) -> None:
        self._world = world
        self._version = version

    def asset(
        self,
        asset: Asset,
        *,
        exif: bool = True,
        people: bool = False,
        whole: bool = False,
    ) -> Json:
        """One asset. `whole`: as by itself, with its tags."""
        world = self._world
        local = asset.taken + timedelta(minutes=asset.offset_minutes or 0)
        view: Json = {
            "id": asset.id,
            "createdAt": instant(asset.created),
            "ownerId": world.owner,
            "libraryId": asset.library,
            "type": asset.kind,
            "originalPath": f"/data/upload/{asset.id}",
            "originalFileName": asset.filename,
            "originalMimeType": asset.mime,
            "thumbhash": self._thumbhash(asset) if asset.ready else None,
            "fileCreatedAt": instant(asset.taken),
            "fileModifiedAt": instant(asset.modified or asset.taken),
            "localDateTime": instant(local),
            "updatedAt": instant(asset.updated),
            "isFavorite": asset.favourite,
            "isArchived": asset.visibility == "archive",
            "isTrashed": asset.trashed is not None,
            "duration": self._duration(asset),
            "livePhotoVideoId": asset.live_video,
            "people": [],
            "checksum": base64.b64encode(world.checksum(asset)).decode(),
            "isOffline": asset.offline,
            "hasMetadata": True,
            "duplicateId": None,
            "resized": True,
        }
        if self._version >= (1, 133, 0):
            view["visibility"] = asset.visibility
        if self._version >= (2, 5, 0):
            view |= {"width": 900, "height": 600, "isEdited": asset.edited}
        if self._version < (3, 0, 0):
            view |= {"deviceAssetId": asset.filename, "deviceId": "fake"}
        if exif or whole:
            view["exifInfo"] = self._exif(asset)
        if people or whole:
            view["people"] = [self._in_picture(who, asset) for who in asset.faces]
        if whole:
            view["tags"] = [self.tag(world.tags[key]) for key in sorted(asset.tags)]
            view["stack"] = None
        return view

    def album(self, album: Album, *, whole: bool = False) -> Json:
        """One album; its pictures inside only before version 3, and only by itself."""
        world = self._world
        owner = {"id": world.owner, "email": "fake@example.com", "name": "Fake"}
        members = [world.assets[key] for key in album.members if key in world.assets]
        shown = [a for a in members if a.trashed is None and a.visibility != "locked"]
        view: Json = {
            "id": album.id,
            "albumName": album.name,
            "description": "",
            "albumThumbnailAssetId": shown[0].id if shown else None,
            "createdAt": instant(album.created),
            "updatedAt": instant(album.updated),
            "shared": False,
            "hasSharedLink": False,
            "assetCount": len(shown),
            "isActivityEnabled": True,
            "order": "desc",
        }
        if self._version >= (3, 0, 0):
            view["albumUsers"] = [{"user": owner, "role": "owner"}]
        else:
            view |= {"ownerId": world.owner, "owner": owner, "albumUsers": [], "assets": []}
            if whole:
                view["assets"] = [self.asset(a) for a in shown]
        return view

    def tag(self, tag: Tag) -> Json:
        """One tag."""
        at = instant(tag.created)
        name = tag.value.rpartition("/")[2]
        return {"id": tag.id, "name": name, "value": tag.value, "createdAt": at, "updatedAt": at}

    def person(self, person: Person) -> Json:
        """One person."""
        return {
            "id": person.id,
            "name": person.name,
            "birthDate": None,
            "thumbnailPath": "",
            "isHidden": person.hidden,
            "isFavorite": False,
        }

    def faces(self, asset: Asset) -> list[Json]:
        """All faces of one asset, with whose they are."""
        return [
            {**self._face(who, asset), "person": self.person(self._world.people[who])}
            for who in asset.faces
        ]

    def error(self, status: int, message: str) -> Json:
        """An error in this version's shape."""
        if self._version >= (3, 0, 0):
            return {"message": message}
        words = {400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found"}
        return {
            "message": message,
            "error": words.get(status, "Error"),
            "statusCode": status,
            "correlationId": "fake0001",
        }

    def invalid(self, path: str, message: str) -> Json:
        """A body that does not pass, in this version's shape."""
        if self._version >= (3, 0, 0):
            fault = {"code": "invalid", "path": [path], "message": message}
            return {"message": "Validation failed", "errors": [fault]}
        return {**self.error(400, ""), "message": [f"{path}: {message}"]}

    # --- parts -----------------------------------------------------------------------------

    def _in_picture(self, who: str, asset: Asset) -> Json:
        view = self.person(self._world.people[who])
        if self._version < (3, 0, 0):  # version 3 tells of the boxes at /faces alone
            view["faces"] = [self._face(who, asset)]
        return view

    def _face(self, who: str, asset: Asset) -> Json:
        left, top, right, bottom = asset.faces[who]
        return {
            "id": who,
            "imageWidth": 1000,
            "imageHeight": 1000,
            "boundingBoxX1": round(left * 1000),
            "boundingBoxY1": round(top * 1000),
            "boundingBoxX2": round(right * 1000),
            "boundingBoxY2": round(bottom * 1000),
            "sourceType": "machine-learning",
        }

    def _exif(self, asset: Asset) -> Json:
        make, model = asset.camera or (None, None)
        width, height = (600, 900) if asset.stored_turned else (900, 600)
        offset = asset.offset_minutes
        return {
            "make": make,
            "model": model,
            "exifImageWidth": width,
            "exifImageHeight": height,
            "fileSizeInByte": self._world.size_of(asset),
            "orientation": "6" if asset.stored_turned else "1",
            "dateTimeOriginal": instant(asset.taken),
            "modifyDate": instant(asset.taken),
            "timeZone": None if offset is None else _ZONES.get(offset, f"UTC+{offset // 60}"),
            "lensModel": None,
            "fNumber": 2.8 if make else None,
            "focalLength": 35 if make else None,
            "iso": 200 if make else None,
            "exposureTime": "1/125" if make else None,
            "latitude": asset.gps[0] if asset.gps else None,
            "longitude": asset.gps[1] if asset.gps else None,
            "city": "Munich" if asset.gps else None,
            "state": "Bavaria" if asset.gps else None,
            "country": "Germany" if asset.gps else None,
            "description": asset.description,
            "projectionType": None,
            "rating": asset.rating,
        }

    def _duration(self, asset: Asset) -> object:
        if self._version >= (3, 0, 0):
            return asset.duration_ms
        seconds, ms = divmod(asset.duration_ms or 0, 1000)
        hours, rest = divmod(seconds, 3600)
        return f"{hours}:{rest // 60:02d}:{rest % 60:02d}.{ms:03d}00"

    def _thumbhash(self, asset: Asset) -> str:
        seed = hashlib.blake2b(f"{asset.seed}{asset.edited}".encode(), digest_size=16).digest()
        return base64.b64encode(b"\x15\x08\x0e\x16\x82" + seed).decode()
