"""The head of the grid when it shows one outside thing (`gallery-entity-head`).

The address alone decides (`/?ticket=4711`): what the thing is called, where it lies at its
remote and what it belongs to is asked once of `/api/v1/entities/{type}/{id}`.
"""

from __future__ import annotations

from pathlib import Path

from nicegui import ui

from gallery_app.ui.components.core import register_modules

register_modules("gallery-entity-head", Path(__file__).with_name("dist"))


class EntityHead(ui.element, component="entity_head.js"):
    """Names the ticket, company, article, product, album or person of the address; else empty."""
