"""Which assets the last commits touched: what an answer made before them has to look at again.

All access is under the columns' lock.
"""

from __future__ import annotations

from collections import deque

import numpy as np
import numpy.typing as npt

Ids = npt.NDArray[np.int32]

_MOST_COMMITS = 1_000
_MOST_IDS = 50_000


class Followed:
    """The last commits, oldest first; what is older than they are is not known."""

    def __init__(self) -> None:
        self._commits: deque[tuple[int, Ids]] = deque()
        self._since = 0  # the first revision from which all is known
        self._count = 0

    def begin(self, revision: int) -> None:
        """Know nothing of what led to this revision."""
        self._commits.clear()
        self._since, self._count = revision, 0

    def note(self, revision: int, ids: Ids) -> None:
        """A commit that led to `revision` touched these assets and no others."""
        self._commits.append((revision, ids))
        self._count += len(ids)
        while self._count > _MOST_IDS or len(self._commits) > _MOST_COMMITS:
            self._since, old = self._commits.popleft()
            self._count -= len(old)

    def since(self, revision: int) -> Ids | None:
        """The assets touched after `revision`, or None when nobody can say any more."""
        if revision < self._since:
            return None
        later = [ids for at, ids in self._commits if at > revision]
        return np.concatenate(later) if later else np.empty(0, dtype=np.int32)
