"""The verbs of the gallery: synchronous, no third-party import. Start at `gallery.py`.

`Changes` is what `curation.edit` takes; a field left `UNSET` stays as it is.
"""

from gallery_app.catalog.values import UNSET, Changes

__all__ = ["UNSET", "Changes"]
