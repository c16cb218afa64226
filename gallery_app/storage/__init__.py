"""Files under the data folder: originals, cache, secrets, the lock.

Never: rows, pixels. Start at `local.py`.
"""
