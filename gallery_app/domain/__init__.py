"""Values and rules of the gallery: standard library only, no I/O, no clock, no randomness.

Start with `model.py`; every other floor speaks in its types. `errors.py` draws the whole tree
of what can go wrong.
"""
