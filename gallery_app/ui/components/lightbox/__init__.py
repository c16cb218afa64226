"""The viewer over the grid (`gallery-lightbox`), loaded by the browser when first opened.

PhotoSwipe 5.4.4 (MIT, `dist/vendor`) turns, zooms and pans; everything around it is ours. It
has no element of its own: the grid opens it, and `?photo=UID` in the address does too.
"""

from __future__ import annotations

from pathlib import Path

from gallery_app.ui.components.core import register_modules

register_modules("gallery-lightbox", Path(__file__).with_name("dist"))
