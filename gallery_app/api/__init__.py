"""The HTTP face. Start at `build_router` below and `front.py`."""
