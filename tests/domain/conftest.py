"""Laws are tried the same way on every run: no deadline on a busy machine, no stored examples."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("house", deadline=None, database=None, derandomize=True)
settings.load_profile("house")
