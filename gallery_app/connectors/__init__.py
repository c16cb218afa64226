"""The code for each kind of source: what it offers and how its bytes are read.

Never: catalog, storage, imaging. Start at `base.py`. `CONNECTORS` are the remotes that can be
connected, in the order to offer them; a folder is no remote.
"""

from gallery_app.connectors.base import Kind
from gallery_app.connectors.freshdesk import KIND as FRESHDESK
from gallery_app.connectors.immich import KIND as IMMICH
from gallery_app.connectors.products import KIND as PRODUCTS

CONNECTORS: dict[str, Kind] = {kind.kind: kind for kind in (IMMICH, FRESHDESK, PRODUCTS)}
