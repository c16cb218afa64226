"""The index: SQLite rows and the columns kept in memory over them.

Never: business decisions. Returns domain values. Start at `catalog.py`.
"""

from gallery_app.catalog.answers_kept import KeptAnswers
from gallery_app.catalog.assets import Assets
from gallery_app.catalog.catalog import Catalog
from gallery_app.catalog.entity_counts import EntitySort
from gallery_app.catalog.frames import Frames
from gallery_app.catalog.index import Index
from gallery_app.catalog.jobs import Jobs
from gallery_app.catalog.links import Links
from gallery_app.catalog.occurrences import Occurrences
from gallery_app.catalog.products import Products
from gallery_app.catalog.remotes import Remotes
from gallery_app.catalog.similar import Similar
from gallery_app.catalog.sources import Sources
from gallery_app.catalog.values import (
    UNSET,
    Changes,
    Known,
    NewAsset,
    Pending,
    SeenOccurrence,
    Serving,
    Unset,
)
from gallery_app.catalog.writer import Writer

__all__ = [
    "UNSET",
    "Assets",
    "Catalog",
    "Changes",
    "EntitySort",
    "Frames",
    "Index",
    "Jobs",
    "KeptAnswers",
    "Known",
    "Links",
    "NewAsset",
    "Occurrences",
    "Pending",
    "Products",
    "Remotes",
    "SeenOccurrence",
    "Serving",
    "Similar",
    "Sources",
    "Unset",
    "Writer",
]
