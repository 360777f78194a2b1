"""This file knows where new ids come from."""

import itertools
import secrets
from collections import defaultdict

__all__ = ["CountedIds", "RandomIds"]


class RandomIds:
    """Ids nobody can guess, for serving."""

    def new(self, kind: str) -> str:
        """Return an id such as ``"case-4f1c09d2e7ab"``."""
        return f"{kind}-{secrets.token_hex(6)}"


class CountedIds:
    """Ids in counting order, so that the same day gives the same ids."""

    def __init__(self) -> None:
        self._counts: defaultdict[str, itertools.count[int]] = defaultdict(
            lambda: itertools.count(1)
        )

    def new(self, kind: str) -> str:
        """Return an id such as ``"case-7"``."""
        return f"{kind}-{next(self._counts[kind])}"
