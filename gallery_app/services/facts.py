"""The names of what we note of a source besides what its connector tells.

A connector's facts have names in plain words and are shown; ours begin with "_" and are not.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

STOPPED = "_stopped"  # why nothing is asked until somebody acts
ASKS_BELIEF = "_asks_belief"  # so many are missing, and a person must say whether they are gone
WALK_BEGAN = "_walk_began"  # ISO time at which the walk under way began
COUNTS = "_counts"  # JSON: the counts of the last sync
CAN_SEARCH = "_can_search"  # "1": pictures can be found there by what they show


def public(facts: Mapping[str, str]) -> dict[str, str]:
    """Only what is meant for people."""
    return {name: value for name, value in facts.items() if not name.startswith("_")}


def numbers(text: str | None) -> dict[str, int]:
    """The counts of a `COUNTS` fact; none when it is not there or cannot be read."""
    try:
        found = json.loads(text or "{}")
    except ValueError:
        return {}
    if not isinstance(found, dict):
        return {}
    return {str(name): value for name, value in found.items() if isinstance(value, int)}
