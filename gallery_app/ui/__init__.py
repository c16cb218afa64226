"""The screen. Start at `register` below and `shell.py`."""
