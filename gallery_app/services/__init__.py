"""The verbs of the gallery: synchronous, no third-party import. Start at `gallery.py`."""
