"""What the tags of OpenStreetMap mean for couriers.

This file knows access, direction, speed and barriers as mappers write them.
"""

import re
from collections.abc import Mapping
from typing import Final

from recourse.roads import Profile
from recourse.roads.profiles import ALL_BITS, profile_bit

__all__ = ["access_bits", "barrier_bits", "direction_bits", "posted_kmh", "restricted_bits"]

Tags = Mapping[str, str]

_EBIKE, _SCOOTER, _VAN, _FOOT = (
    profile_bit(p) for p in (Profile.EBIKE, Profile.SCOOTER, Profile.VAN, Profile.FOOT)
)
_MOTOR: Final = _SCOOTER | _VAN
_WHEELS: Final = _MOTOR | _EBIKE

# From the general key to the special one: the last that is set decides.
_KEYS: Final = {
    _EBIKE: ("access", "vehicle", "bicycle"),
    _SCOOTER: ("access", "vehicle", "motor_vehicle", "motorcycle", "moped"),
    _VAN: ("access", "vehicle", "motor_vehicle", "motorcar", "goods"),
    _FOOT: ("access", "foot"),
}
_DENIED: Final = frozenset(
    {"no", "private", "agricultural", "forestry", "military", "emergency", "restricted", "none"}
    | {"use_sidepath", "dismount", "bus", "psv", "taxi", "delivery_only"}
)
_GRANTED: Final = frozenset(
    {"yes", "designated", "permissive", "destination", "delivery", "official"}
)

_BY_CLASS: Final = {
    "motorway": _VAN,
    "motorway_link": _VAN,
    "pedestrian": _FOOT,
    "track": _EBIKE | _FOOT,
    "cycleway": _EBIKE | _FOOT,
    "path": _EBIKE | _FOOT,
    "footway": _FOOT,
    "steps": _FOOT,
}
_MINOR_SERVICE: Final = frozenset(
    {"driveway", "parking_aisle", "drive-through", "emergency_access"}
)

_BARRIERS: Final = {
    "bollard": _EBIKE | _FOOT,
    "block": _EBIKE | _FOOT,
    "planter": _EBIKE | _FOOT,
    "jersey_barrier": _EBIKE | _FOOT,
    "log": _FOOT,
    "chain": _EBIKE | _FOOT,
    "bus_trap": _EBIKE | _FOOT,
    "cycle_barrier": _EBIKE | _FOOT,
    "motorcycle_barrier": _EBIKE | _FOOT,
    "kissing_gate": _FOOT,
    "stile": _FOOT,
    "turnstile": _FOOT,
    "full-height_turnstile": _FOOT,
}

_MPH: Final = 1.609344
_KNOTS: Final = 1.852
_ZONES: Final = {
    "urban": 50,
    "rural": 90,
    "trunk": 100,
    "motorway": 120,
    "living_street": 10,
    "walk": 6,
    "school": 30,
    "bicycle_road": 30,
}
_HIGHEST_KMH: Final = 150


def access_bits(tags: Tags, road_class: str) -> int:
    """Bits of the profiles that may be on a way, whatever the direction.

    Parameters
    ----------
    tags : Mapping
        Tags of the way.
    road_class : str
        One of `ROAD_CLASSES`.

    Returns
    -------
    int
        Access bits; 0 if no courier may use it.
    """
    if road_class == "service" and tags.get("service") in _MINOR_SERVICE:
        return 0
    bits = _BY_CLASS.get(road_class, ALL_BITS)
    if tags.get("motorroad") == "yes":
        bits &= _VAN
    granted = _overlay(tags, bits)
    if road_class in {"motorway", "motorway_link"}:
        granted &= _VAN
    return granted if road_class != "steps" else granted & _FOOT


def barrier_bits(tags: Tags) -> int:
    """Bits of the profiles that may pass a point with a barrier on it."""
    barrier = tags.get("barrier")
    if barrier is None:
        return ALL_BITS
    return _overlay(tags, _BARRIERS.get(barrier, ALL_BITS))


def _overlay(tags: Tags, bits: int) -> int:
    for bit, keys in _KEYS.items():
        value = next((tags[key] for key in reversed(keys) if key in tags), None)
        if value is None:
            continue
        if value in _DENIED:
            bits &= ~bit
        elif value in _GRANTED and any(key in tags for key in keys[1:]):
            # A bare "access=yes" widens nothing: it does not turn steps into a road.
            bits |= bit
    return bits


def direction_bits(tags: Tags, road_class: str, bits: int) -> tuple[int, int]:
    """Split access into drawing order and against it.

    Parameters
    ----------
    tags : Mapping
        Tags of the way.
    road_class : str
        One of `ROAD_CLASSES`.
    bits : int
        Who may be on the way at all.

    Returns
    -------
    tuple of int
        Access bits along and against drawing order.
    """
    oneway = tags.get("oneway", "")
    if not oneway and (
        tags.get("junction") in {"roundabout", "circular"} or road_class == "motorway"
    ):
        oneway = "yes"
    along, against = bits, bits
    if oneway in {"yes", "1", "true"}:
        against = bits & ~_WHEELS
    elif oneway in {"-1", "reverse"}:
        along = bits & ~_WHEELS
    cycling = tags.get("oneway:bicycle", "")
    if cycling == "no" or (oneway and not cycling and _has_contraflow(tags)):
        along, against = along | bits & _EBIKE, against | bits & _EBIKE
    elif cycling == "yes":
        along, against = along | bits & _EBIKE, against & ~_EBIKE
    elif cycling == "-1":
        along, against = along & ~_EBIKE, against | bits & _EBIKE
    if tags.get("oneway:foot") in {"yes", "1"}:
        against &= ~_FOOT
    return along, against


def _has_contraflow(tags: Tags) -> bool:
    """Whether a lane lets bicycles ride against a one-way street."""
    for key in ("cycleway", "cycleway:left", "cycleway:right", "cycleway:both"):
        if tags.get(key, "").startswith("opposite") or tags.get(f"{key}:oneway") in {"-1", "no"}:
            return True
    return False


def posted_kmh(value: str | None) -> int:
    """Read a posted speed as mappers write it.

    Parameters
    ----------
    value : str or None
        "50", "30 mph", "RO:urban", "DE:zone:30", "none", "signals", "50;70" ...

    Returns
    -------
    int
        Speed from 1 to 150 km/h; 0 if nothing is said that can be used.

    Examples
    --------
    >>> [posted_kmh(v) for v in ("50", "30 mph", "RO:urban", "none", "signals")]
    [50, 48, 50, 150, 0]
    """
    if not value:
        return 0
    first = re.split(r"[;,|]", value.strip().lower())[0].strip()
    if first == "none":
        return _HIGHEST_KMH
    zone = first.rsplit(":", 1)[-1] if ":" in first else first
    if zone in _ZONES:
        return _ZONES[zone]
    number = re.search(r"\d+(?:\.\d+)?", zone)
    if number is None:
        return 0
    unit = _MPH if "mph" in zone else _KNOTS if "knot" in zone else 1.0
    kmh = round(float(number.group()) * unit)
    return min(kmh, _HIGHEST_KMH) if kmh >= 1 else 0


def restricted_bits(tags: Tags) -> tuple[str, int]:
    """Kind of a turn restriction and who must obey it.

    Parameters
    ----------
    tags : Mapping
        Tags of the relation.

    Returns
    -------
    tuple of str and int
        Kind "no", "only" or "" (nothing that binds couriers at all hours), and profile bits.
    """
    general = tags.get("restriction", "")
    bits = _WHEELS
    if not general:
        special = {
            "restriction:motorcar": _VAN,
            "restriction:bicycle": _EBIKE,
            "restriction:motorcycle": _SCOOTER,
        }
        key = next((k for k in special if k in tags), None)
        if key is None:
            return "", 0
        general, bits = tags[key], special[key]
    if "day_on" in tags or "hour_on" in tags:
        return "", 0
    for word in re.split(r"[;,\s]+", tags.get("except", "")):
        bits &= ~{
            "bicycle": _EBIKE,
            "motorcar": _VAN,
            "motorcycle": _SCOOTER,
            "moped": _SCOOTER,
        }.get(word, 0)
    kind = general.split("_", 1)[0]
    return (kind, bits) if kind in {"no", "only"} and bits else ("", 0)
