"""This file knows every variant of a case, enumerated from the tables of the model itself.

A cause, a kind of holder, a choice or an answer that is added to the model is a variant here
without anybody writing it down; what no variant can be made of is named below, with the reason.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import count, product
from types import MappingProxyType

from recourse.model.assignments import Custodian, OfferStatus
from recourse.model.cases import Way
from recourse.model.reasons import REASONS, ReasonCode
from recourse.recovery.decide import CHOICES
from recourse.redress import is_no_fault

__all__ = [
    "CANCELS",
    "HOLDERS",
    "NEVER_LOST",
    "NOBODY_FOUND",
    "SILENT",
    "TOLD",
    "TURNS",
    "Variant",
    "holds",
    "variants",
]

HOLDERS: Mapping[str, Custodian] = MappingProxyType(
    {
        "merchant": Custodian.MERCHANT,
        "station": Custodian.STATION,
        "customer": Custodian.CUSTOMER,
        "meal in hand": Custodian.COURIER,
        "parcel in hand": Custodian.COURIER,
    }
)
"""Who may hold the parcel when its courier is lost; the last two are after the pickup."""
NEVER_LOST: Mapping[Custodian, str] = MappingProxyType(
    {
        Custodian.POINT: "no courier is on the way for what lies at a point",
        Custodian.NEIGHBOUR: "no courier is on the way for what a neighbour has",
    }
)
"""Kinds of holder with whom no courier can be lost."""

SILENT, CANCELS = "silent", "cancels"
"""What a customer may do besides choosing a way: nothing, or take the order back."""
TOLD = "told"
"""A courier who is not asked: their contract says that routes are given."""
NOBODY_FOUND = "nobody is found in the first place"
"""The turn in which no courier is lost, because there never was one."""
_ENDS_THE_LOOKING = frozenset(
    {
        CANCELS,
        *(way.value for way in (Way.REFUND, Way.NEXT_DAY, Way.NEXT_WAVE, Way.SLOT)),
    }
)
"""After these answers of the customer no courier is asked within this case."""

_CUSTOMERS = (SILENT, *(way.value for way in CHOICES), CANCELS)
TURNS: tuple[str, ...] = (
    "the holder is heard of again",
    "a dispatcher decides",
    "a dispatcher names the courier",
    "the next courier is lost too",
    "nobody ever comes",
    "nobody works for half an hour",
    "the customer cancels while a courier thinks",
    "it was brought already",
    "the point keeps it too long",
    "it is taken up again",
)
"""What may happen besides, each with every kind of holder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """One way a case may go.

    Attributes
    ----------
    holder : str
        Key of `HOLDERS`: who has the parcel when the courier is lost.
    cause : ReasonCode
        Why the courier is lost.
    customer : str
        `SILENT`, `CANCELS`, or the way they choose.
    courier : str
        How the first courier asked answers, or `TOLD`.
    turn : str
        One of `TURNS`, or empty.
    """

    holder: str
    cause: ReasonCode
    customer: str = SILENT
    courier: str = OfferStatus.ACCEPTED.value
    turn: str = ""

    @property
    def name(self) -> str:
        """In words, for people who look."""
        said = [
            self.holder,
            self.cause.value,
            f"customer {self.customer}",
            f"courier {self.courier}",
        ]
        return ", ".join([*said, self.turn] if self.turn else said)


def holds(cause: ReasonCode) -> tuple[bool, ...]:
    """What the platform makes of a cause: causes of one kind go the same way."""
    row = REASONS[cause]
    is_silence = cause is ReasonCode.SIGNAL_LOST
    return is_no_fault(cause), row.ends_duty, row.can_hand_over, row.is_retryable, is_silence


def variants() -> tuple[Variant, ...]:
    """Every variant: the whole product of holder, kind of cause, and both answers; the turns.

    Each cause of a kind takes its turn, so that every single one is played with every holder.

    Returns
    -------
    tuple of Variant
        In a fixed order.
    """
    return (*_product(), *_turned(), *_never_carried())


def _product() -> Iterator[Variant]:
    """Before or after the pickup × cause × custody × customer's answer × courier's answer."""
    kinds: dict[tuple[bool, ...], list[ReasonCode]] = {}
    for cause in ReasonCode:
        kinds.setdefault(holds(cause), []).append(cause)
    turn: dict[tuple[str, tuple[bool, ...]], Iterator[int]] = {}
    answers = [status.value for status in OfferStatus if status is not OfferStatus.OPEN]
    played: set[tuple[str, ReasonCode]] = set()
    for holder, kind, customer, courier in product(HOLDERS, kinds, _CUSTOMERS, (*answers, TOLD)):
        if customer in _ENDS_THE_LOOKING and courier != OfferStatus.ACCEPTED.value:
            continue
        causes = kinds[kind]
        cause = causes[next(turn.setdefault((holder, kind), count())) % len(causes)]
        played.add((holder, cause))
        yield Variant(holder=holder, cause=cause, customer=customer, courier=courier)
    for holder, cause in product(HOLDERS, ReasonCode):
        if (holder, cause) not in played:
            yield Variant(holder=holder, cause=cause)


def _turned() -> Iterator[Variant]:
    """Every turn with every holder, for somebody who says so and for somebody who falls silent."""
    causes = (ReasonCode.VEHICLE_BREAKDOWN, ReasonCode.COURIER_TOO_FAR, ReasonCode.SIGNAL_LOST)
    for turn, holder, cause in product(TURNS, HOLDERS, causes):
        yield Variant(holder=holder, cause=cause, turn=turn)


def _never_carried() -> Iterator[Variant]:
    """Nobody is found before any pickup, whatever the customer answers then."""
    before = [name for name, who in HOLDERS.items() if who is not Custodian.COURIER]
    for holder, customer in product(before, _CUSTOMERS):
        yield Variant(
            holder=holder, cause=ReasonCode.NO_SUPPLY, customer=customer, turn=NOBODY_FOUND
        )
