"""What the user says of pictures: titles, tags, favourites, and the trash and back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from gallery_app.catalog.catalog import Catalog
from gallery_app.catalog.values import UNSET, Changes
from gallery_app.domain.errors import BadInput, NotFound
from gallery_app.domain.model import Asset, AssetId, Uid
from gallery_app.services.values import BatchResult

LONGEST_TEXT = 10_000  # characters of a title, caption or alternative text
LONGEST_TAG = 100
MOST_TAGS = 200
ACTIONS = ("favourite", "unfavourite", "tag", "untag", "trash", "restore")


class Curation:
    """Edits of the catalog; the file in a watched folder is never touched."""

    def __init__(self, catalog: Catalog, *, now: Callable[[], datetime]) -> None:
        self._catalog = catalog
        self._now = now

    def edit(self, uid: str, changes: Changes) -> Asset:
        """The asset after `changes`; fields left UNSET stay as they are.

        Raises:
            NotFound: no asset has this uid.
            BadInput: a text too long, a rating outside 0 to 5, or too many tags.
        """
        asset = self._catalog.assets.get(uid)
        if asset is None:
            raise NotFound("picture")
        with self._catalog.write() as writer:
            writer.edit([asset.id], _checked(changes))
        return self._reread(uid)

    def batch(self, uids: Sequence[str], action: str, tags: Sequence[str] = ()) -> BatchResult:
        """Do one of ACTIONS to many assets in one transaction; unknown uids are named.

        Raises:
            BadInput: an unknown action, or tagging without a tag.
        """
        if action not in ACTIONS:
            raise BadInput(f"There is no action “{action}”; use one of {', '.join(ACTIONS)}.")
        if action in {"tag", "untag"} and not tags:
            raise BadInput("Name at least one tag.")
        found = self._catalog.assets.ids_of(uids)
        ids = [found[uid] for uid in uids if uid in found]
        if ids:
            self._apply(ids, action, tuple(tags))
        return BatchResult(
            done=tuple(Uid(uid) for uid in uids if uid in found),
            failed=tuple((uid, NotFound("picture")) for uid in uids if uid not in found),
        )

    def trash(self, uid: str) -> Asset:
        """The asset, now in the app's trash; its original stays where it is.

        Raises:
            NotFound: no asset has this uid.
        """
        self.batch([uid], "trash")
        return self._reread(uid)

    def restore(self, uid: str) -> Asset:
        """The asset, back from the trash.

        Raises:
            NotFound: no asset has this uid.
        """
        self.batch([uid], "restore")
        return self._reread(uid)

    def _reread(self, uid: str) -> Asset:
        asset = self._catalog.assets.get(uid)
        if asset is None:
            raise NotFound("picture")
        return asset

    def _apply(self, ids: list[AssetId], action: str, tags: tuple[str, ...]) -> None:
        with self._catalog.write() as writer:
            if action == "trash":
                writer.set_trashed(ids, self._now())
            elif action == "restore":
                writer.set_trashed(ids, None)
            elif action == "tag":
                writer.edit(ids, _checked(Changes(add_tags=tags)))
            elif action == "untag":
                writer.edit(ids, Changes(remove_tags=tags))
            else:
                writer.edit(ids, Changes(favourite=action == "favourite"))


def _checked(changes: Changes) -> Changes:
    for text in (changes.title, changes.caption, changes.alt_text):
        if isinstance(text, str) and len(text) > LONGEST_TEXT:
            raise BadInput(f"A text may have at most {LONGEST_TEXT} characters.")
    rating = changes.rating
    if isinstance(rating, int) and not 0 <= rating <= 5:
        raise BadInput("A rating is a whole number from 0 to 5.")
    sets = () if changes.set_tags is UNSET else changes.set_tags
    for tags in (sets, changes.add_tags):
        if not isinstance(tags, tuple):
            continue
        if len(tags) > MOST_TAGS or any(not t.strip() or len(t) > LONGEST_TAG for t in tags):
            raise BadInput(f"At most {MOST_TAGS} tags of 1 to {LONGEST_TAG} characters each.")
    return changes
