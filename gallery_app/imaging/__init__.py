"""Bytes to pictures: sniff, describe, decode, render. Pillow, pillow-heif and PyAV live here.

No rows, no network, no paths of its own choosing. Start with `process.py`, the literal list of
steps; `workers.py` runs it in other processes. Originals are opened for reading only.
"""
