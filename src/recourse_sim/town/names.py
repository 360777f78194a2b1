"""Names for a town that does not exist.

This file knows words, and how to put them together without repeating one.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np

__all__ = ["Namer"]

_TOWN_HEADS: Final = (
    "Marl",
    "Thorn",
    "Wex",
    "Hollow",
    "Alder",
    "Calder",
    "Pen",
    "Stan",
    "Ever",
    "Lin",
)
_TOWN_TAILS: Final = ("mouth", "haven", "ferry", "bridge", "quay", "ness", "port", "wick")

_ROOTS: Final = (
    *(
        "Alder",
        "Amber",
        "Anchor",
        "Apple",
        "Arbour",
        "Ash",
        "Aspen",
        "Barley",
        "Bay",
        "Beacon",
        "Beech",
    ),
    *(
        "Bell",
        "Birch",
        "Bishop",
        "Bramble",
        "Brewer",
        "Briar",
        "Bridge",
        "Canal",
        "Cannery",
        "Carver",
    ),
    *(
        "Cedar",
        "Chandler",
        "Chapel",
        "Cherry",
        "Clover",
        "Cobble",
        "Cooper",
        "Coral",
        "Crane",
        "Cutler",
    ),
    *(
        "Cypress",
        "Dahlia",
        "Dean",
        "Dyer",
        "Elder",
        "Elm",
        "Falcon",
        "Fern",
        "Ferry",
        "Field",
        "Finch",
    ),
    *(
        "Fisher",
        "Fletcher",
        "Forge",
        "Foundry",
        "Fuller",
        "Garden",
        "Gate",
        "Glass",
        "Granary",
        "Grange",
    ),
    *(
        "Gull",
        "Harbour",
        "Harvest",
        "Haven",
        "Hawthorn",
        "Hazel",
        "Heath",
        "Heron",
        "Hill",
        "Holly",
    ),
    *(
        "Iris",
        "Ivy",
        "Juniper",
        "Kestrel",
        "Kiln",
        "King",
        "Lantern",
        "Larch",
        "Lark",
        "Laurel",
        "Lilac",
    ),
    *(
        "Lime",
        "Linden",
        "Lock",
        "Loom",
        "Maple",
        "Market",
        "Mason",
        "Meadow",
        "Mercer",
        "Mill",
        "Mint",
    ),
    *(
        "Myrtle",
        "Needle",
        "Nettle",
        "Oak",
        "Olive",
        "Orchard",
        "Osprey",
        "Otter",
        "Paper",
        "Pear",
        "Pier",
    ),
    *("Pine", "Plover", "Plum", "Poplar", "Porter", "Potter", "Quarry", "Queen", "Quince", "Raven"),
    *(
        "Reed",
        "Robin",
        "Rope",
        "Rose",
        "Rowan",
        "Rush",
        "Saddler",
        "Saffron",
        "Sail",
        "Salt",
        "School",
    ),
    *(
        "Shell",
        "Silver",
        "Smith",
        "Spring",
        "Spruce",
        "Station",
        "Stone",
        "Swallow",
        "Swan",
        "Tallow",
    ),
    *(
        "Tanner",
        "Teal",
        "Thistle",
        "Tide",
        "Tiller",
        "Timber",
        "Tower",
        "Turner",
        "Union",
        "Vine",
        "Walnut",
    ),
    *(
        "Water",
        "Weaver",
        "Well",
        "Wharf",
        "Wheel",
        "White",
        "Willow",
        "Wool",
        "Wren",
        "Yarrow",
        "Yew",
    ),
    *(
        "Abel",
        "Ansel",
        "Barrow",
        "Corwin",
        "Dunmore",
        "Ellery",
        "Farrow",
        "Garland",
        "Harlow",
        "Ingram",
    ),
    *(
        "Jarvis",
        "Kendal",
        "Lorimer",
        "Merrick",
        "Norwood",
        "Oakley",
        "Prescott",
        "Quillan",
        "Radley",
    ),
    *("Selwyn", "Tilford", "Upton", "Verity", "Whitby", "Yardley", "Aldous", "Brandreth", "Colby"),
)
_MINOR: Final = ("Street", "Street", "Street", "Road", "Lane", "Terrace", "Row", "Place", "Close")
_MAJOR: Final = ("Avenue", "Avenue", "Road", "Boulevard", "Parade")

_QUARTER_TAILS: Final = (
    "Park",
    "Hill",
    "Green",
    "Heights",
    "Fields",
    "Common",
    "Side",
    "Grove",
    "Cross",
)
_FOOD_HEADS: Final = (
    *(
        "Blue",
        "Golden",
        "Little",
        "Copper",
        "Paper",
        "Red",
        "Quiet",
        "Lucky",
        "Salted",
        "Wild",
        "Old",
    ),
    *("Velvet", "Green", "Midnight", "Sunny", "Iron", "Honest", "Silver", "Morning", "Corner"),
)
_FOOD_THINGS: Final = (
    *(
        "Lantern",
        "Spoon",
        "Kettle",
        "Olive",
        "Pepper",
        "Fig",
        "Crane",
        "Anchor",
        "Basil",
        "Ember",
        "Plum",
    ),
    *(
        "Saffron",
        "Table",
        "Oven",
        "Sparrow",
        "Lemon",
        "Clove",
        "Harbour",
        "Bowl",
        "Maple",
        "Walnut",
    ),
)
_FOOD_TAILS: Final = {
    "restaurant": (
        "Kitchen",
        "Table",
        "House",
        "Noodles",
        "Trattoria",
        "Grill",
        "Bistro",
        "Curry House",
    ),
    "fast_food": (
        "Burgers",
        "Wraps",
        "Dumplings",
        "Pizza",
        "Tacos",
        "Kebab",
        "Fry Shop",
        "Sushi to Go",
    ),
    "cafe": ("Coffee", "Café", "Bakery Café", "Tea Room", "Espresso"),
    "pub": ("Arms", "Tavern", "Tap"),
}
_SHOP_TAILS: Final = {
    "supermarket": ("Market Hall", "Foods", "Supermarket"),
    "convenience": ("Corner Shop", "Mini Market", "Stores"),
    "bakery": ("Bakery", "Bread"),
    "florist": ("Flowers", "Blooms"),
    "clothes": ("Tailors", "Outfitters"),
    "hardware": ("Hardware", "Tools"),
    "books": ("Books", "Pages"),
    "electronics": ("Electric", "Devices"),
    "greengrocer": ("Greens", "Fruit"),
    "butcher": ("Butchers", "Fine Meats"),
    "bicycle": ("Cycles", "Wheels"),
    "pharmacy": ("Pharmacy", "Dispensary"),
}


class Namer:
    """Names drawn without repeats.

    Parameters
    ----------
    rng : Generator
        Dice.
    """

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng
        self._used: set[str] = set()

    def town(self) -> str:
        """Name of the town."""
        return self._pick(_TOWN_HEADS) + self._pick(_TOWN_TAILS)

    def street(self, *, is_major: bool) -> str:
        """Name of a street; avenues and the like for major ones."""
        return self._fresh(_ROOTS, _MAJOR if is_major else _MINOR)

    def quarter(self) -> str:
        """Name of a part of the town."""
        return self._fresh(_ROOTS, _QUARTER_TAILS)

    def food(self, kind: str) -> str:
        """Name of a place that cooks."""
        heads = tuple(f"{head} {thing}" for head in _FOOD_HEADS for thing in _FOOD_THINGS)
        return self._fresh(heads, _FOOD_TAILS[kind])

    def shop(self, kind: str) -> str:
        """Name of a place that sells."""
        return self._fresh(_ROOTS, _SHOP_TAILS[kind])

    def _pick(self, words: Sequence[str]) -> str:
        return words[int(self._rng.integers(len(words)))]

    def _fresh(self, heads: Sequence[str], tails: Sequence[str]) -> str:
        """Pair that was not given before; a number is added only when words run out."""
        name = f"{self._pick(heads)} {self._pick(tails)}"
        for _ in range(60):
            if name not in self._used:
                break
            name = f"{self._pick(heads)} {self._pick(tails)}"
        else:
            name = f"{name} {len(self._used)}"
        self._used.add(name)
        return name
