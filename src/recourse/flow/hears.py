"""This file knows who hears what: the table from an event to the stages that act on it.

The store reads the names: writing an event that somebody hears also writes, in the same
transaction, one command per hearer, so an event is acted on exactly once, or parked where the
console shows it.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from recourse.flow import bonuses, learn, plan, recover
from recourse.flow.platform import Platform
from recourse.model import events as happened
from recourse.model.events import Event, dotted
from recourse.model.ports import Transaction

__all__ = ["HEARERS", "HEARS", "UNHEARD", "Hearer"]

Hearer = Callable[[Transaction, Platform, Event], None]


def _hear_ended(tx: Transaction, platform: Platform, event: Event) -> None:
    """Let what was promised with a duty end with it, and keep what the duty came to."""
    bonuses.hear_assignment_ended(tx, platform, event)
    learn.hear_assignment_ended(tx, platform, event)


HEARERS: Mapping[str, Hearer] = MappingProxyType(
    {
        "plan": plan.hear_admitted,
        "recover": recover.hear_disruption,
        "learn": _hear_ended,
    }
)

HEARS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        dotted(happened.OrderAdmitted): ("plan",),
        dotted(happened.DisruptionRecognised): ("recover",),
        dotted(happened.AssignmentEnded): ("learn",),
    }
)

UNHEARD: Mapping[str, str] = MappingProxyType(
    {
        dotted(happened.OrderMoved): "its case follows in the same transaction",
        dotted(happened.OrderChanged): "routes and questions follow in the same transaction",
        dotted(happened.OrderEnded): "its case follows in the same transaction",
        dotted(happened.OfferAnswered): "its case follows in the same transaction",
        dotted(happened.CaseClosed): "what is owed is stored with it as commands",
        dotted(happened.PromiseMade): "told by a notice of its own",
        dotted(happened.CustodyPassed): "its case follows in the same transaction",
        dotted(happened.SiteRegistered): "master data",
        dotted(happened.CourierRegistered): "master data; its timers are set with it",
        dotted(happened.CourierMoved): "a step of the log",
        dotted(happened.CourierCameOnDuty): "its timers are set with it",
        dotted(happened.CourierWithdrew): "recognised as a disruption in the same transaction",
        dotted(happened.CourierWentSilent): "recognised as a disruption in the same transaction",
        dotted(happened.CourierCameToLight): "cases of what is held follow in the same transaction",
        dotted(happened.RiskRose): "answered by a prompt to the courier in the same transaction",
        dotted(happened.ArrivalSlipped): "answered by a notice in the same transaction",
        dotted(happened.OfferMade): "read by the courier's phone; its expiry is a timer",
        dotted(happened.AssignmentOffered): "part of the offer",
        dotted(happened.BonusWeighed): "part of the offer",
        dotted(happened.BonusEnded): "posted in the same transaction",
        dotted(happened.AssignmentBegan): "its case follows in the same transaction",
        dotted(happened.RouteChanged): "read by the courier's phone",
        dotted(happened.WavePlanned): "a step of the log",
        dotted(happened.StopReached): "a step of the log",
        dotted(happened.StopCompleted): "its cases follow in the same transaction",
        dotted(happened.StopContacted): "answered by a notice in the same transaction",
        dotted(happened.CancelJudged): "a step of the log; the duty ends in the same transaction",
        dotted(happened.StopFailed): "recognised as a disruption in the same transaction",
        dotted(happened.WebhookSwitchedOff): "told to the merchant's other endpoints",
        dotted(happened.RoadEventBegan): "routes are timed afresh in the same transaction",
        dotted(happened.RoadEventEnded): "routes are timed afresh in the same transaction",
        dotted(happened.CaseOpened): "decided in the same transaction",
        dotted(happened.CaseReopened): "decided in the same transaction",
        dotted(happened.CaseDecided): "its commands are stored with it",
        dotted(happened.CaseMoved): "its commands are stored with it",
        dotted(happened.CustomerChose): "its case follows in the same transaction",
        dotted(happened.ConsentGiven): "a fact that a later drop refers to",
        dotted(happened.NoticeSent): "its case follows in the same transaction",
        dotted(happened.RemedyGranted): "posted in the same transaction",
        dotted(happened.RemedyProposed): "waits for a dispatcher",
        dotted(happened.RemedyRefused): "a dispatcher's word",
        dotted(happened.RemedyWithheld): "a fact that a dispatcher reads with its reason",
        dotted(happened.EntitlementEnded): "posted in the same transaction",
        dotted(happened.ErrandEnded): "what it means is written in the same transaction",
        dotted(happened.CommandUnparked): "the command is due again in the same transaction",
        dotted(happened.LedgerPosted): "the end of the money's way",
        dotted(happened.PersonErased): "said by whoever erased them",
        dotted(happened.AcceptanceLearned): "read by whoever offers extra pay next",
        dotted(happened.OutcomeLearned): "read when a model is trained",
        dotted(happened.PolicyEntered): "read when a case of that policy goes on",
    }
)
