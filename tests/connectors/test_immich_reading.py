"""What Immich says of an asset, and what the gallery makes of it: each version, each oddity."""

from __future__ import annotations

import base64
import math
from datetime import datetime
from typing import Any

import pytest

from gallery_app.connectors.immich.models import asset_of
from gallery_app.connectors.immich.pictures import Site, is_picture, is_shown, picture_of
from gallery_app.connectors.immich.tagging import lowest
from gallery_app.domain.remote import RemoteImage

KEY = "3fa85f64-5717-4562-b3fc-2c963f66afa6"
SITE = Site("https://photos.example.org")


def seen(**fields: Any) -> RemoteImage:
    """The picture of an asset with these fields."""
    asset = asset_of({"id": KEY, "type": "IMAGE", "checksum": "", **fields})
    assert asset is not None
    return picture_of(asset, SITE)


def size(**fields: Any) -> tuple[int, int]:
    picture = seen(**fields).picture
    assert picture is not None
    return picture.size


class TestDates:
    def test_keep_the_wall_time_and_the_offset(self) -> None:
        image = seen(
            fileCreatedAt="2026-01-04T23:16:08.632Z",
            localDateTime="2026-01-05T00:16:08.632Z",
            exifInfo={"timeZone": "Europe/Berlin"},
        )

        assert image.picture is not None
        metadata = image.picture.metadata
        assert metadata.taken_at == datetime(2026, 1, 5, 0, 16, 8, 632000)  # noqa: DTZ001
        assert metadata.offset_minutes == 60
        assert metadata.taken_from == "remote"

    @pytest.mark.parametrize(
        ("zone", "offset"), [(None, None), ("UTC", 0)], ids=["no zone", "UTC itself"]
    )
    def test_know_no_offset_when_the_file_had_no_zone(
        self, zone: str | None, offset: int | None
    ) -> None:
        at = "2020-07-08T00:00:00.000Z"
        image = seen(fileCreatedAt=at, localDateTime=at, exifInfo={"timeZone": zone})

        assert image.picture is not None
        assert image.picture.metadata.offset_minutes == offset

    def test_that_lie_years_apart_are_no_offset(self) -> None:
        image = seen(
            fileCreatedAt="2020-07-08T00:00:00.000Z", localDateTime="2010-07-08T00:00:00.000Z"
        )

        assert image.picture is not None
        assert image.picture.metadata.offset_minutes is None

    @pytest.mark.parametrize("bad", ["yesterday", "", None, 5, "0000-00-00T00:00:00Z", "9" * 60])
    def test_that_are_none_stay_unknown(self, bad: object) -> None:
        image = seen(fileCreatedAt=bad, localDateTime=bad, fileModifiedAt=bad)

        assert image.picture is not None
        assert image.picture.metadata.taken_at is None
        assert image.picture.mtime_ns == 0


class TestSizes:
    def test_are_those_of_the_asset_where_it_has_them(self) -> None:
        exif = {"exifImageWidth": 450, "exifImageHeight": 600, "orientation": "6"}

        assert size(width=600, height=450, exifInfo=exif) == (600, 450)

    def test_are_turned_where_only_exif_has_them(self) -> None:
        exif = {"exifImageWidth": 450, "exifImageHeight": 600, "orientation": "6"}

        assert size(exifInfo=exif) == (600, 450)

    def test_stay_as_they_are_for_an_upright_picture(self) -> None:
        exif = {"exifImageWidth": 450, "exifImageHeight": 600, "orientation": "3"}

        assert size(width=None, height=None, exifInfo=exif) == (450, 600)

    @pytest.mark.parametrize("bad", [-1, 0, "x", None, 10**9, math.nan, True])
    def test_that_cannot_be_are_unknown(self, bad: object) -> None:
        assert size(width=bad, height=100) == (0, 0)


class TestHashes:
    def test_are_base64_of_the_bytes(self) -> None:
        image = seen(checksum="MI4wDi75kldPTdyz2/3QhF18LM0=")

        assert image.sha1 == "308e300e2ef992574f4ddcb3dbfdd0845d7c2ccd"

    def test_of_external_libraries_are_of_the_path_and_so_no_hash_at_all(self) -> None:
        image = seen(checksum="MI4wDi75kldPTdyz2/3QhF18LM0=", libraryId=KEY)

        assert image.sha1 is None
        assert image.version.startswith("MI4w")

    @pytest.mark.parametrize("bad", ["", "!!!", "YWJj", "a" * 41, 7, None])
    def test_that_are_none_are_left_out(self, bad: object) -> None:
        assert seen(checksum=bad).sha1 is None

    def test_give_another_version_when_the_picture_was_edited_there(self) -> None:
        plain = seen(checksum="MI4wDi75kldPTdyz2/3QhF18LM0=", thumbhash="AAAAAAAA")
        other = seen(checksum="MI4wDi75kldPTdyz2/3QhF18LM0=", thumbhash="BBBBBBBB")
        edited = seen(checksum="MI4wDi75kldPTdyz2/3QhF18LM0=", thumbhash="AAAAAAAA", isEdited=True)

        assert len({plain.version, other.version, edited.version}) == 3

    def test_make_the_placeholder(self) -> None:
        raw = bytes(range(21))

        assert seen(thumbhash=base64.b64encode(raw).decode()).placeholder == raw
        assert seen(thumbhash=base64.b64encode(bytes(60)).decode()).placeholder is None
        assert seen(thumbhash="no base64").placeholder is None


class TestKinds:
    @pytest.mark.parametrize(
        ("mime", "name", "code"),
        [
            ("image/jpeg", "a.jpg", "jpeg"),
            ("image/heif", "a.heif", "heic"),
            ("image/x-canon-cr2", "a.CR2", "raw"),
            ("image/dng", "a.dng", "raw"),
            ("image/ARW", "a.arw", "raw"),
            ("video/quicktime", "a.mov", "video"),
            (None, "a.NEF", "raw"),
            (None, "a.webp", "webp"),
            (None, "a", "unknown"),
            ("application/octet-stream", "a.png", "png"),
            ("text/html", "a.html", "unknown"),
        ],
    )
    def test_follow_the_type_and_else_the_name(
        self, mime: str | None, name: str, code: str
    ) -> None:
        picture = seen(originalMimeType=mime, originalFileName=name).picture

        assert picture is not None
        assert picture.media_type == code

    @pytest.mark.parametrize(
        ("duration", "seconds"),
        [
            (3130, 3.13),
            ("0:00:03.13000", 3.13),
            ("1:02:03.00000", 3723.0),
            ("0:00:00.00000", None),
            (0, None),
            (None, None),
            ("soon", None),
            (-5, None),
        ],
    )
    def test_of_moving_pictures_have_a_duration_in_either_form(
        self, duration: object, seconds: float | None
    ) -> None:
        picture = seen(type="VIDEO", duration=duration).picture

        assert picture is not None
        assert picture.duration_s == (pytest.approx(seconds) if seconds else None)

    @pytest.mark.parametrize("kind", ["AUDIO", "OTHER"])
    def test_that_are_no_pictures_are_left_out(self, kind: str) -> None:
        asset = asset_of({"id": KEY, "type": kind})

        assert asset is not None
        assert not is_picture(asset)


class TestNames:
    @pytest.mark.parametrize(
        ("given_name", "kept"),
        [
            ("../../etc/passwd", "passwd"),
            ("..\\..\\boot.ini", "boot.ini"),
            ("<img src=x onerror=alert(1)>.jpg", "<img src=x onerror=alert(1)>.jpg"),
            ("a\x00b\nc.jpg", "a b c.jpg"),
            ("photo\u202egpj.exe", "photo gpj.exe"),
            ("..", f"{KEY}.jpg"),
            ("", f"{KEY}.jpg"),
            (None, f"{KEY}.jpg"),
            (5, f"{KEY}.jpg"),
            ("x" * 5000 + ".jpg", "x" * 251 + ".jpg"),
        ],
    )
    def test_are_kept_as_harmless_text(self, given_name: object, kept: str) -> None:
        image = seen(originalFileName=given_name, originalMimeType="image/jpeg")

        assert image.filename == kept
        assert "/" not in image.filename
        assert len(image.filename) <= 255

    def test_of_people_are_kept_when_somebody_named_them(self) -> None:
        people = [
            {"id": KEY, "name": "Ada <b>Lovelace</b>"},
            {"id": KEY.replace("3", "4"), "name": ""},
            {"id": KEY.replace("3", "5"), "name": "Hidden", "isHidden": True},
            {"id": "../x", "name": "Mallory"},
        ]
        entities = seen(people=people).entities

        assert [(ref.type, ref.name) for ref in entities] == [("person", "Ada <b>Lovelace</b>")]
        assert entities[0].url == f"https://photos.example.org/people/{KEY}"

    def test_of_places_are_one_line(self) -> None:
        picture = seen(exifInfo={"city": "Madrid", "state": None, "country": "Spain"}).picture

        assert picture is not None
        assert picture.metadata.place == "Madrid, Spain"


class TestWhatPeopleSaid:
    def test_is_kept_apart_from_what_the_file_says(self) -> None:
        said = seen(isFavorite=True, exifInfo={"rating": 4, "description": "Two\nlines"}).said

        assert said is not None
        assert (said.favourite, said.rating, said.caption) == (True, 4, "Two\nlines")

    @pytest.mark.parametrize("rating", [0, -1, 6, "", None, "five"])
    def test_has_no_rating_but_one_to_five(self, rating: object) -> None:
        said = seen(exifInfo={"rating": rating}).said

        assert said is not None
        assert said.rating is None

    def test_of_tags_is_unknown_unless_told(self) -> None:
        told = seen(tags=[{"id": KEY, "name": "cactus", "value": "plants/cactus"}]).said
        silent = seen().said

        assert told is not None
        assert silent is not None
        assert told.tags == ("plants/cactus",)
        assert silent.tags is None

    def test_names_a_tag_below_another_only_once(self) -> None:
        assert lowest({"plants", "plants/cactus", "plantsman", "trip"}) == (
            "plants/cactus",
            "plantsman",
            "trip",
        )


class TestFaces:
    def box(self, left: int, top: int, right: int, bottom: int) -> dict[str, int]:
        return {
            "imageWidth": 1000,
            "imageHeight": 500,
            "boundingBoxX1": left,
            "boundingBoxY1": top,
            "boundingBoxX2": right,
            "boundingBoxY2": bottom,
        }

    def test_draw_the_focus_to_their_middle_the_larger_the_more(self) -> None:
        small, large = self.box(0, 0, 100, 100), self.box(600, 200, 900, 500)
        focus = seen(people=[{"id": KEY, "faces": [small]}, {"id": KEY, "faces": [large]}]).focus

        assert focus is not None
        assert focus[0] == pytest.approx((0.05 * 1 + 0.75 * 9) / 10)
        assert focus[1] == pytest.approx((0.1 * 1 + 0.7 * 9) / 10)

    @pytest.mark.parametrize(
        "faces",
        [[], None, [None], [{"imageWidth": 0}], [{"boundingBoxX1": "a"}]],
        ids=["none", "null", "no object", "no size", "no numbers"],
    )
    def test_that_are_none_give_no_focus(self, faces: object) -> None:
        assert seen(people=[{"id": KEY, "faces": faces}]).focus is None

    def test_outside_of_the_picture_stay_inside(self) -> None:
        focus = seen(people=[{"id": KEY, "faces": [self.box(-500, -500, 5000, 5000)]}]).focus

        assert focus == (0.5, 0.5)


class TestPlaces:
    @pytest.mark.parametrize(
        ("latitude", "longitude", "kept"),
        [
            (39, -108, (39.0, -108.0)),
            (91, 0, None),
            (0, 181, None),
            (None, 5, None),
            ("x", 1, None),
        ],
    )
    def test_are_kept_when_they_are_on_earth(
        self, latitude: object, longitude: object, kept: tuple[float, float] | None
    ) -> None:
        picture = seen(exifInfo={"latitude": latitude, "longitude": longitude}).picture

        assert picture is not None
        assert picture.metadata.gps == kept


class TestVisibility:
    @pytest.mark.parametrize(
        ("fields", "shown"),
        [
            ({"visibility": "timeline"}, True),
            ({"visibility": "archive"}, True),
            ({"visibility": "hidden"}, False),
            ({"visibility": "locked"}, False),
            ({"visibility": "something new"}, False),
            ({"visibility": "timeline", "isTrashed": True}, False),
            ({"isArchived": True}, True),
            ({}, True),
        ],
    )
    def test_says_what_belongs_into_a_gallery(self, fields: dict[str, Any], shown: bool) -> None:
        asset = asset_of({"id": KEY, **fields})

        assert asset is not None
        assert is_shown(asset) is shown

    def test_of_old_servers_is_their_archive(self) -> None:
        assert seen(isArchived=True).visibility == "archive"
