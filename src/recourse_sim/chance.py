"""This file knows where luck comes from: named streams, the same for every policy.

A draw depends on the seed and on what it is for, never on how many draws came before it. Two
policies that ask whether courier c-7 breaks down get one answer, whatever else they did.
"""

from hashlib import blake2b
from math import exp, log

import numpy as np

__all__ = ["Chance"]

_TWO_64 = float(2**64)


class Chance:
    """Luck of one simulated day.

    Parameters
    ----------
    seed : int
        The same seed gives the same luck for ever.

    Examples
    --------
    >>> Chance(7).uniform("breaks", "c-1") == Chance(7).uniform("breaks", "c-1")
    True
    >>> Chance(7).uniform("breaks", "c-1") == Chance(8).uniform("breaks", "c-1")
    False
    """

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self._prefix = f"{seed}|"

    def _bytes(self, purpose: str, keys: tuple[object, ...], size: int) -> bytes:
        text = f"{self._prefix}{purpose}|{'|'.join(map(str, keys))}"
        return blake2b(text.encode(), digest_size=size).digest()

    def stream(self, purpose: str, *keys: object) -> np.random.Generator:
        """Sequence of draws for one purpose, counter-based (Philox)."""
        key = int.from_bytes(self._bytes(purpose, keys, 16), "little")
        return np.random.Generator(np.random.Philox(key=key))

    def uniform(self, purpose: str, *keys: object) -> float:
        """One draw from [0, 1)."""
        return int.from_bytes(self._bytes(purpose, keys, 8), "little") / _TWO_64 * (1 - 2**-53)

    def happens(self, p: float, purpose: str, *keys: object) -> bool:
        """Whether something of probability `p` happens."""
        return self.uniform(purpose, *keys) < p

    def normal(self, purpose: str, *keys: object) -> float:
        """One standard normal draw (Box and Muller)."""
        raw = self._bytes(purpose, keys, 16)
        u = (int.from_bytes(raw[:8], "little") + 1) / (_TWO_64 + 1)
        v = int.from_bytes(raw[8:], "little") / _TWO_64
        return float(np.sqrt(-2.0 * log(u)) * np.cos(2.0 * np.pi * v))

    def around(self, median: float, sigma: float, purpose: str, *keys: object) -> float:
        """One lognormal draw with this median and this spread of its logarithm."""
        return median * exp(sigma * self.normal(purpose, *keys))

    def about(self, mean: float, sigma: float, purpose: str, *keys: object) -> float:
        """One lognormal draw with this mean and this spread of its logarithm."""
        return self.around(mean * exp(-sigma * sigma / 2), sigma, purpose, *keys)

    def exponential(self, purpose: str, *keys: object) -> float:
        """One draw from the exponential distribution of mean 1."""
        return -log(1.0 - self.uniform(purpose, *keys))
