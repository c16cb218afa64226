"""The code for each kind of source: what it offers and how its bytes are read.

Never: catalog, storage, imaging. Start at `base.py`.
"""
