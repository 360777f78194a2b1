"""How a recorded day is replayed: requests in, decisions out, to the byte."""

import json
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any

from recourse.adapters.store import migrate
from recourse.flow.views.plain import plain
from recourse.model.cases import Way
from recourse.model.events import dotted
from recourse.model.places import SiteKind
from recourse.model.ports import EventFilter
from recourse.model.reasons import ReasonCode
from tests.flow.town import Town, at

__all__ = ["FOLDER", "days", "differences", "kept", "replay"]

FOLDER = Path(__file__).parent
TOLD = (
    "offer.made",
    "offer.answered",
    "assignment.began",
    "assignment.ended",
    "courier.went_silent",
    "disruption.recognised",
    "case.decided",
    "case.moved",
    "case.closed",
    "custody.passed",
    "promise.made",
    "notice.sent",
    "remedy.granted",
    "order.ended",
)


def days() -> list[str]:
    """Names of the recorded days."""
    return sorted(path.parent.name for path in FOLDER.glob("*/events.jsonl"))


def kept(name: str) -> str:
    """What was decided on that day when it was last accepted."""
    path = FOLDER / name / "decisions.jsonl"
    return path.read_text() if path.exists() else ""


def replay(name: str) -> str:
    """Play a day from its requests and return its decisions, one a line."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/day.db"
        migrate(url)
        town = Town(url)
        try:
            for line in (FOLDER / name / "events.jsonl").read_text().splitlines():
                request = json.loads(line)
                town.wait_until(datetime.fromisoformat(request.pop("at")))
                _do(town, request.pop("do"), request)
            town.work()
            town.check()
            return _decisions(town)
        finally:
            town.close()


def _do(town: Town, what: str, asked: dict[str, Any]) -> None:
    """Do one request of the record."""
    place = at(*asked["corner"]) if "corner" in asked else None
    match what:
        case "site":
            assert place is not None
            town.site(asked["id"], SiteKind(asked["kind"]), place)
        case "on_duty" | "of_station":
            getattr(town, what)(asked["courier"], place)
        case "meal" | "parcel":
            getattr(town, what)(asked["name"], place)
        case "accept" | "decline" | "visit" | "finish":
            getattr(town, what)(asked["courier"])
        case "withdraw":
            town.withdraw(asked["courier"], ReasonCode(asked["code"]), *asked.get("orders", ()))
        case "choose":
            town.choose(asked["order"], Way(asked["way"]), asked.get("site", ""))
        case "wait":
            town.wait(0)
        case _:
            message = f"no request is called {what!r}"
            raise AssertionError(message)
    town.work()


def _decisions(town: Town) -> str:
    """The decisions in the log, each a line of JSON."""
    found = town.read(lambda tx: tx.events(EventFilter(kinds=TOLD, limit=100_000)))
    lines = [
        json.dumps(
            {"name": dotted(type(one.event)), **plain(one.event)},
            ensure_ascii=False,
            sort_keys=True,
            separators=(",", ":"),
        )
        for one in found
    ]
    return "".join(f"{line}\n" for line in lines)


def differences(before: str, after: str) -> list[str]:
    """What changed between two results, in words."""
    was, now = ([json.loads(line) for line in text.splitlines()] for text in (before, after))
    said = []
    for subject in dict.fromkeys([*map(_subject, was), *map(_subject, now)]):
        old = [_words(one) for one in was if _subject(one) == subject]
        new = [_words(one) for one in now if _subject(one) == subject]
        said += [
            f"{subject}: was {a or 'nothing'}, now {b or 'nothing'}"
            for a, b in _paired(old, new)
            if a != b
        ]
    return said


def _paired(old: list[str], new: list[str]) -> list[tuple[str, str]]:
    n = max(len(old), len(new))
    return list(zip(old + [""] * (n - len(old)), new + [""] * (n - len(new)), strict=True))


def _subject(one: dict[str, Any]) -> str:
    """What a decision is about."""
    subject = one.get("case_id") or one.get("order_id") or one.get("offer_id")
    return str(subject or one.get("courier_id") or "the day")


def _words(one: dict[str, Any]) -> str:
    """One decision as a reviewer reads it."""
    clock = str(one["at"])[11:19]
    if one["name"] == "case.decided":
        option = one["decision"]["option"]
        who, late_s, cents = option["courier_id"], option["late_s"], option["cost_cents"]
        late = f", {late_s // 60} min late" if late_s else ""
        return f"{option['way']} {who} at {clock}{late}, {cents / 100:.2f}".replace("  ", " ")
    facts = [
        str(one[key])
        for key in ("status", "answer", "now", "outcome", "kind", "amount_cents", "to_holder_id")
        if one.get(key)
    ]
    return " ".join([one["name"], *facts, "at", clock])
