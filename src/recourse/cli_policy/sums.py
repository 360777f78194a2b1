"""This file knows how what was paid is held against what a policy would have paid."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from recourse.model.redress import Remedy
from recourse.redress import RemedyPolicy
from recourse.redress.trial import Tried

__all__ = ["Row", "as_json", "rows", "wants_four_eyes"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One kind of remedy in one currency, paid and tried.

    Attributes
    ----------
    kind : str
        Its kind.
    currency : str
        ISO 4217.
    n_paid, n_tried : int
        How many were given, and would have been.
    paid_cents, tried_cents : int
        Their worth, minor units.
    """

    kind: str
    currency: str
    n_paid: int
    n_tried: int
    paid_cents: int
    tried_cents: int


def rows(tried: Iterable[Tried]) -> list[Row]:
    """Add up by kind and currency.

    Parameters
    ----------
    tried : iterable of Tried
        Past cases under the policy.

    Returns
    -------
    list of Row
        Those that were paid or would have been, by currency and kind.
    """
    counts: Counter[tuple[str, str, str]] = Counter()
    cents: Counter[tuple[str, str, str]] = Counter()
    for one in tried:
        for side, remedies in (("paid", one.past.paid), ("tried", one.given)):
            for remedy in remedies:
                key = (remedy.currency, remedy.kind.value, side)
                counts[key] += 1
                cents[key] += remedy.amount_cents
    return [
        Row(
            kind=kind,
            currency=currency,
            n_paid=counts[currency, kind, "paid"],
            n_tried=counts[currency, kind, "tried"],
            paid_cents=cents[currency, kind, "paid"],
            tried_cents=cents[currency, kind, "tried"],
        )
        for currency, kind in sorted({key[:2] for key in counts})
    ]


def wants_four_eyes(tried: Iterable[Tried], policy: RemedyPolicy) -> int:
    """How many remedies the policy would have a second person look at."""
    least_cents = policy.limits.four_eyes_from_cents
    if least_cents is None:
        return 0
    return sum(r.amount_cents >= least_cents for one in tried for r in one.given)


def as_json(tried: list[Tried], policy: RemedyPolicy) -> dict[str, Any]:
    """Lay a trial out for other programs.

    Parameters
    ----------
    tried : list of Tried
        Past cases under the policy.
    policy : RemedyPolicy
        The policy.

    Returns
    -------
    dict
        The sums, the rules that decided, and every case with both sides.
    """
    rules = Counter(r.rule for one in tried for r in one.given)
    return {
        "policy": policy.name,
        "n_cases": len(tried),
        "sums": [asdict(row) for row in rows(tried)],
        "n_by_rule": dict(sorted(rules.items())),
        "n_four_eyes": wants_four_eyes(tried, policy),
        "cases": [
            {
                "case_id": one.past.case.id,
                "closed_at": one.past.closed_at.isoformat(),
                "outcome": one.past.case.outcome,
                "cause": one.past.case.cause.value,
                "paid": _plain(one.past.paid),
                "tried": _plain(one.given),
                "held_back": one.held_back,
            }
            for one in tried
        ],
    }


def _plain(remedies: Iterable[Remedy]) -> list[dict[str, Any]]:
    """Remedies of one case, those of the courier first."""
    return [
        {
            "beneficiary_id": remedy.beneficiary_id,
            "kind": remedy.kind.value,
            "amount_cents": remedy.amount_cents,
            "currency": remedy.currency,
            "rule": remedy.rule,
        }
        for remedy in sorted(remedies, key=lambda remedy: remedy.beneficiary_id)
    ]
