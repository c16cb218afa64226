"""What the owner of a link should know before sending it, in plain sentences."""

from __future__ import annotations

from collections.abc import Sequence

from gallery_app.domain.hosts import is_this_machine
from gallery_app.domain.model import Asset, ShareLink
from gallery_app.services.addresses import ORIGINAL


def warnings_of(link: ShareLink, assets: Sequence[Asset], *, host: str) -> tuple[str, ...]:
    """The warnings about a link.

    Args:
        link: as it was made.
        assets: its pictures.
        host: the one its address names.
    """
    warnings = []
    if is_this_machine(host):
        warnings.append(
            f"This link points at this computer ({host}): others cannot open it. Set "
            "GALLERY_PUBLIC_URL to the address under which they reach the gallery."
        )
    private = sum(asset.private for asset in assets)
    if private == 1:
        this = "This picture" if len(assets) == 1 else "1 of these pictures"
        warnings.append(f"{this} is for the team only: its source shows it to no customer.")
    elif private:
        these = f"{private:,} of these pictures are for the team only"
        warnings.append(f"{these}: their sources show them to no customer.")
    if link.rendition == ORIGINAL:
        warnings += _of_originals(assets)
    return tuple(warnings)


def _of_originals(assets: Sequence[Asset]) -> list[str]:
    warnings = []
    if assets:
        located = sum(asset.metadata.gps is not None for asset in assets)
        place = f" and {located} with the place where it was taken" if located else ""
        warnings.append(f"Originals go out with all their metadata{place}.")
    away = sum(asset.remote for asset in assets)
    if away:
        these = "its original lies" if away == 1 else f"{away} of its originals lie"
        warnings.append(f"The link works while the remote does: {these} there alone.")
    return warnings
