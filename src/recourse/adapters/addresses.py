"""Finding a door from what a person wrote.

This file knows how street names are abbreviated, folded and compared.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property, lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["AddressMatch", "Addresses", "fold_street"]

_LONG: Final = {
    "st": "street",
    "str": "strasse",
    "ave": "avenue",
    "av": "avenue",
    "rd": "road",
    "dr": "drive",
    "blvd": "boulevard",
    "ln": "lane",
    "pl": "place",
    "ct": "court",
    "sq": "square",
    "hwy": "highway",
    "pkwy": "parkway",
    "cres": "crescent",
    "ter": "terrace",
    "n": "north",
    "s": "south",
    "e": "east",
    "w": "west",
    "c": "calle",
    "ул": "улица",
    "пр": "проспект",
    "просп": "проспект",
}
_NUMBER: Final = re.compile(r"\d+[a-z]?(?:[-/]\d+[a-z]?)?")
_MAX_CANDIDATES: Final = 5
_MAX_REMEMBERED: Final = 4_096


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressMatch:
    """A door that may be the one that was meant.

    Attributes
    ----------
    index : int
        Row among the city's addresses.
    lon, lat : float
        Degrees.
    text : str
        The address as the city has it.
    quality : str
        "exact" (street and number), "number_near" (street right, nearest number),
        or "street_like" (a street of a similar name).
    """

    index: int
    lon: float
    lat: float
    text: str
    quality: str

    @property
    def is_exact(self) -> bool:
        """Whether nobody needs to look at it again."""
        return self.quality == "exact"


def fold_street(name: str) -> str:
    """Reduce a street name to what two spellings of it share.

    Parameters
    ----------
    name : str
        As written, in any script.

    Returns
    -------
    str
        Lower case, without accents and punctuation, abbreviations written out.

    Examples
    --------
    >>> fold_street("W. 4th Ave"), fold_street("Hauptstr."), fold_street("Rue de l'Église")
    ('west 4th avenue', 'hauptstrasse', 'rue de l eglise')
    """
    plain = unicodedata.normalize("NFKD", name.casefold())
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    words = re.sub(r"[^\w]+", " ", plain).split()
    long = [_LONG.get(word, word) for word in words]
    return " ".join(w[:-3] + "strasse" if w.endswith("str") and len(w) > 4 else w for w in long)  # noqa: PLR2004


@dataclass(frozen=True, eq=False)
class Addresses:
    """Doors of a city.

    Attributes
    ----------
    lon, lat : ndarray of float64, shape (n,)
        Degrees.
    street, housenumber : tuple of str
        As mapped; a building without number has an empty one.
    is_building : ndarray of bool, shape (n,)
        True where the place is the middle of a building on a named street, taken
        because the extract has few house numbers.
    """

    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    street: tuple[str, ...]
    housenumber: tuple[str, ...]
    is_building: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.lon)

    def text(self, index: int) -> str:
        """One address as a person reads it."""
        street, number = self.street[index], self.housenumber[index]
        if number:
            return f"{number} {street}".strip()
        return f"building {index + 1}, {street}"

    def match(self, text: str) -> tuple[AddressMatch, ...]:
        """Find the doors that a written address may mean, best first.

        Anything after a comma (town, postcode) is tried only as a place for the house
        number. The number may stand before or after the street.

        Parameters
        ----------
        text : str
            As in an order file, such as "1055 W Georgia St, Vancouver".

        Returns
        -------
        tuple of AddressMatch
            At most five; one of quality "exact" if street and number are known;
            empty if no street is even similar.
        """
        readings = _readings(text)
        for street, number in readings:
            exact = self._by_door.get((street, number)) if number else None
            if exact is not None:
                return (self._as_match(exact, "exact"),)
        for street, number in readings:
            rows = self._by_street.get(street)
            if rows:
                return tuple(self._as_match(i, "number_near") for i in self._nearest(rows, number))
        return self._similar(readings)

    @cached_property
    def _by_street(self) -> dict[str, list[int]]:
        rows: defaultdict[str, list[int]] = defaultdict(list)
        folded = {name: fold_street(name) for name in set(self.street)}
        for i, name in enumerate(self.street):
            rows[folded[name]].append(i)
        return dict(rows)

    @cached_property
    def _by_door(self) -> dict[tuple[str, str], int]:
        """First row of every folded street and folded number."""
        folded = {number: fold_street(number) for number in set(self.housenumber)}
        doors: dict[tuple[str, str], int] = {}
        for street, rows in self._by_street.items():
            for i in rows:
                doors.setdefault((street, folded[self.housenumber[i]]), i)
        return doors

    @cached_property
    def _like(self) -> Callable[[str], list[str]]:
        """Folded streets most like a name; an order file names the same streets many times."""
        streets = list(self._by_street)
        return lru_cache(_MAX_REMEMBERED)(
            lambda name: get_close_matches(name, streets, n=_MAX_CANDIDATES, cutoff=0.75)
        )

    def _similar(self, readings: list[tuple[str, str]]) -> tuple[AddressMatch, ...]:
        found: list[int] = []
        for street, number in readings:
            for name in self._like(street):
                found.extend(self._nearest(self._by_street[name], number)[:1])
        unique = list(dict.fromkeys(found))[:_MAX_CANDIDATES]
        return tuple(self._as_match(i, "street_like") for i in unique)

    def _nearest(self, rows: list[int], number: str) -> list[int]:
        """Rows of a street by how near their house number is to one."""
        wanted = _leading_int(number)
        if wanted is None:
            return rows[:_MAX_CANDIDATES]
        far = 1 << 30
        numbers = {i: _leading_int(self.housenumber[i]) for i in rows}
        gaps = {i: far if n is None else abs(n - wanted) for i, n in numbers.items()}
        return sorted(rows, key=lambda i: (gaps[i], i))[:_MAX_CANDIDATES]

    def _as_match(self, index: int, quality: str) -> AddressMatch:
        return AddressMatch(
            index=index,
            lon=float(self.lon[index]),
            lat=float(self.lat[index]),
            text=self.text(index),
            quality=quality,
        )


def _readings(text: str) -> list[tuple[str, str]]:
    """Ways to take a written address apart into folded street and folded number."""
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if not parts:
        return []
    words = fold_street(parts[0]).split()
    readings: list[tuple[str, str]] = []
    if len(words) > 1 and _NUMBER.fullmatch(words[0]):
        readings.append((" ".join(words[1:]), words[0]))
    if len(words) > 1 and _NUMBER.fullmatch(words[-1]):
        readings.append((" ".join(words[:-1]), words[-1]))
    if len(parts) > 1 and _NUMBER.fullmatch(fold_street(parts[1])):
        readings.append((" ".join(words), fold_street(parts[1])))
    if len(parts) > 1 and _NUMBER.fullmatch(" ".join(words)):
        readings.append((fold_street(parts[1]), " ".join(words)))
    readings.append((" ".join(words), ""))
    return readings


def _leading_int(number: str) -> int | None:
    digits = re.match(r"\d+", number)
    return int(digits.group()) if digits else None
