"""This package knows everything that can happen, as values; the log holds nothing else.

An event is a fact in the past tense. Its dotted name in the API follows from the class:
``AssignmentEnded`` is ``assignment.ended``.
"""

import re

from recourse.model.events.base import Event, Recorded
from recourse.model.events.cases import (
    CaseClosed,
    CaseDecided,
    CaseMoved,
    CaseOpened,
    CaseReopened,
    ConsentGiven,
    CustomerChose,
    DisruptionRecognised,
    EntitlementEnded,
    LedgerPosted,
    NoticeSent,
    OutcomeLearned,
    PersonErased,
    PolicyEntered,
    RemedyGranted,
    RemedyProposed,
    RemedyRefused,
    RemedyWithheld,
)
from recourse.model.events.commands import CommandUnparked
from recourse.model.events.couriers import (
    AcceptanceLearned,
    ArrivalSlipped,
    AssignmentBegan,
    AssignmentEnded,
    AssignmentOffered,
    BonusEnded,
    BonusWeighed,
    CourierCameOnDuty,
    CourierCameToLight,
    CourierMoved,
    CourierRegistered,
    CourierWentSilent,
    CourierWithdrew,
    OfferAnswered,
    OfferMade,
    RiskRose,
    SiteRegistered,
)
from recourse.model.events.errands import ErrandEnded
from recourse.model.events.orders import (
    CancelJudged,
    CustodyPassed,
    OrderAdmitted,
    OrderChanged,
    OrderEnded,
    OrderMoved,
    PromiseMade,
)
from recourse.model.events.routes import (
    RoadEventBegan,
    RoadEventEnded,
    RouteChanged,
    StopCompleted,
    StopContacted,
    StopFailed,
    StopReached,
    WavePlanned,
)
from recourse.model.events.webhooks import WebhookSwitchedOff

__all__ = [
    "EVENT_TYPES",
    "AcceptanceLearned",
    "ArrivalSlipped",
    "AssignmentBegan",
    "AssignmentEnded",
    "AssignmentOffered",
    "BonusEnded",
    "BonusWeighed",
    "CancelJudged",
    "CaseClosed",
    "CaseDecided",
    "CaseMoved",
    "CaseOpened",
    "CaseReopened",
    "CommandUnparked",
    "ConsentGiven",
    "CourierCameOnDuty",
    "CourierCameToLight",
    "CourierMoved",
    "CourierRegistered",
    "CourierWentSilent",
    "CourierWithdrew",
    "CustodyPassed",
    "CustomerChose",
    "DisruptionRecognised",
    "EntitlementEnded",
    "ErrandEnded",
    "Event",
    "LedgerPosted",
    "NoticeSent",
    "OfferAnswered",
    "OfferMade",
    "OrderAdmitted",
    "OrderChanged",
    "OrderEnded",
    "OrderMoved",
    "OutcomeLearned",
    "PersonErased",
    "PolicyEntered",
    "PromiseMade",
    "Recorded",
    "RemedyGranted",
    "RemedyProposed",
    "RemedyRefused",
    "RemedyWithheld",
    "RiskRose",
    "RoadEventBegan",
    "RoadEventEnded",
    "RouteChanged",
    "SiteRegistered",
    "StopCompleted",
    "StopContacted",
    "StopFailed",
    "StopReached",
    "WavePlanned",
    "WebhookSwitchedOff",
    "dotted",
]


def dotted(event_type: type[Event]) -> str:
    """Name of an event in the API.

    Parameters
    ----------
    event_type : type
        A subclass of `Event`.

    Returns
    -------
    str
        Noun, dot, past participle.

    Examples
    --------
    >>> dotted(AssignmentEnded)
    'assignment.ended'
    >>> dotted(CourierWentSilent)
    'courier.went_silent'
    """
    noun, *rest = re.findall(r"[A-Z][a-z]+", event_type.__name__)
    return f"{noun.lower()}.{'_'.join(word.lower() for word in rest)}"


EVENT_TYPES: dict[str, type[Event]] = {
    dotted(kind): kind
    for kind in (
        AcceptanceLearned,
        ArrivalSlipped,
        AssignmentBegan,
        AssignmentEnded,
        AssignmentOffered,
        BonusEnded,
        BonusWeighed,
        CancelJudged,
        CaseClosed,
        CaseDecided,
        CaseMoved,
        CaseOpened,
        CaseReopened,
        CommandUnparked,
        ConsentGiven,
        CourierCameOnDuty,
        CourierCameToLight,
        CourierMoved,
        CourierRegistered,
        CourierWentSilent,
        CourierWithdrew,
        CustodyPassed,
        CustomerChose,
        DisruptionRecognised,
        EntitlementEnded,
        ErrandEnded,
        LedgerPosted,
        NoticeSent,
        OfferAnswered,
        OfferMade,
        OrderAdmitted,
        OrderChanged,
        OrderEnded,
        OrderMoved,
        OutcomeLearned,
        PersonErased,
        PolicyEntered,
        PromiseMade,
        RemedyGranted,
        RemedyProposed,
        RemedyRefused,
        RemedyWithheld,
        RiskRose,
        RoadEventBegan,
        RoadEventEnded,
        RouteChanged,
        SiteRegistered,
        StopCompleted,
        StopContacted,
        StopFailed,
        StopReached,
        WavePlanned,
        WebhookSwitchedOff,
    )
}
