"""This file knows what is in view when cases are decided, and what a decision hands on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from recourse.model.assignments import Custody
from recourse.model.cases import Decision, Way
from recourse.model.couriers import Courier, Progress
from recourse.model.orders import Order
from recourse.model.places import Place, Site
from recourse.model.redress import Consent
from recourse.planning import Insertion
from recourse.recovery.signals import Wish
from recourse.recovery.slots import Due

__all__ = ["Decided", "Scene"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """Everything a joint decision looks at, besides the resident world.

    Attributes
    ----------
    orders : mapping of order id to Order
        The orders of the cases.
    custody : mapping of order id to Custody
        Who holds each parcel now.
    couriers : mapping of courier id to Courier
        Whoever may be asked, and the holders.
    progress : mapping of courier id to Progress
        Where they are; holders above all.
    sites : mapping of site id to Site
        Stations, merchants and points.
    stored : mapping of site id to int
        Parcels each point holds now.
    consents : mapping of order id to tuple of Consent
        What customers agreed to.
    waves : mapping of station id to tuple of datetime
        Starts of today's waves still to come.
    wishes : mapping of case id to Wish
        What customers, dispatchers or the platform want done.
    busy : frozenset of str
        Couriers with an open offer.
    n_stops : mapping of courier id to int
        How many stops each still has.
    crew : tuple of Courier
        Everybody we know, where slots are offered: who works later counts too.
    due : tuple of Due
        When orders are to be at their doors, where slots are offered.
    done : mapping of courier id to tuple of Place and datetime
        Where and when each will have made the last of them; nobody who has none.
    zone : str
        IANA zone of the city, for opening hours.
    """

    orders: Mapping[str, Order]
    custody: Mapping[str, Custody]
    couriers: Mapping[str, Courier]
    progress: Mapping[str, Progress]
    sites: Mapping[str, Site] = field(default_factory=dict)
    stored: Mapping[str, int] = field(default_factory=dict)
    consents: Mapping[str, tuple[Consent, ...]] = field(default_factory=dict)
    waves: Mapping[str, tuple[datetime, ...]] = field(default_factory=dict)
    wishes: Mapping[str, Wish] = field(default_factory=dict)
    busy: frozenset[str] = frozenset()
    n_stops: Mapping[str, int] = field(default_factory=dict)
    crew: tuple[Courier, ...] = ()
    due: tuple[Due, ...] = ()
    done: Mapping[str, tuple[Place, datetime]] = field(default_factory=dict)
    zone: str = "UTC"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """The decision for one case, and the route it needs.

    Attributes
    ----------
    case_id : str
        For which case.
    decision : Decision
        The way taken and why the others were not.
    insertion : Insertion or None
        The new route, where a courier carries it.
    is_asked : bool
        Whether that courier must be asked first.
    asks_point : bool
        Whether the customer is asked first: a pickup point would be much the better way. The way
        taken is then `HUMAN`, and nobody is sent.
    choices : tuple of Way
        What the customer may choose instead.
    """

    case_id: str
    decision: Decision
    insertion: Insertion | None = None
    is_asked: bool = False
    asks_point: bool = False
    choices: tuple[Way, ...] = ()
