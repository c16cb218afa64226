"""The index: SQLite rows and the columns kept in memory over them.

Never: business decisions. Returns domain values. Start at `catalog.py`.
"""
