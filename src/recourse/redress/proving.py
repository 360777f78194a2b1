"""This file knows how a policy is proved on made-up cases before it meets real ones.

The cases lie on every edge its conditions name, one below and one above: whoever compares with 1800
behaves alike from 1800 to the next number that is named.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, product
from math import prod

from recourse.model.errors import Invalid
from recourse.model.reasons import REASONS, ReasonCode
from recourse.redress.assess import worth_cents
from recourse.redress.facts import ASKED_OUTCOMES, FACTS, Facts, FactValue, is_no_fault
from recourse.redress.policy import RemedyPolicy, Rule
from recourse.redress.reading import Fault, PolicyRefused

__all__ = ["Proof", "prove"]

_MOST_CASES = 6_000
_NUMBER = re.compile(r"(?<![\w.])\d+(?![\w.])")
_ANY_WORD = "any-other"


_Key = tuple[tuple[str, FactValue], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What the made-up cases showed of a policy that passed.

    Attributes
    ----------
    n_cases : int
        How many there were.
    unreached : tuple of str
        Rules that would give something and decided none of the cases.
    """

    n_cases: int
    unreached: tuple[str, ...]


def prove(policy: RemedyPolicy) -> Proof:
    """Ask a policy about made-up cases on every edge that it names.

    Where the combinations are more than some thousand, facts of order and customer are varied one
    at a time. So a proof can refuse a policy; it cannot show that there is no case that would.

    Parameters
    ----------
    policy : RemedyPolicy
        The policy.

    Returns
    -------
    Proof
        What they showed.

    Raises
    ------
    PolicyRefused
        If a condition cannot be answered for some case, or if more of something gives less although
        the policy says that it never does; with the case.

    Examples
    --------
    >>> from recourse.redress import as_shipped
    >>> prove(as_shipped())
    Proof(n_cases=700, unreached=())
    """
    deciding: set[str] = set()
    worth: dict[_Key, tuple[int, str]] = {}
    for facts in _cases(policy):
        if facts["no_fault"]:
            deciding.add(_name(_deciding(facts, "courier", policy.courier)))
        rule = _deciding(facts, "customer", policy.customer)
        deciding.add(_name(rule))
        cents = worth_cents(rule, facts, limits=policy.limits) if rule else 0
        worth[tuple(facts.items())] = (cents, _name(rule))
    falls = [fall for fact in policy.never_less_for_more for fall in _falls(fact, worth)]
    if falls:
        raise PolicyRefused([Fault("never_less_for_more", fall) for fall in falls])
    gifts = [rule.name for rule in (*policy.customer, *policy.courier) if rule.give is not None]
    return Proof(
        n_cases=len(worth), unreached=tuple(name for name in gifts if name not in deciding)
    )


def _name(rule: Rule | None) -> str:
    """Name of a rule; empty for none."""
    return rule.name if rule else ""


def _deciding(facts: Facts, who: str, rules: Sequence[Rule]) -> Rule | None:
    """Return the first rule that applies; a condition without an answer refuses the policy."""
    for number, rule in enumerate(rules, start=1):
        try:
            if rule.when(facts):
                return rule
        except Invalid as unanswered:
            fault = Fault(f"{who}[{number}].when", f"{unanswered.why}, for {_told(facts)}")
            raise PolicyRefused([fault]) from unanswered
    return None


def _told(facts: Facts) -> str:
    """Name the facts that tell most of a case."""
    shown = ("outcome", "cause", "late_s", "value_cents")
    return ", ".join(f"{name} {facts[name]}" for name in shown)


def _falls(fact: str, worth: Mapping[_Key, tuple[int, str]]) -> Iterator[str]:
    """Tell the first case in which more of a fact gives less."""
    alike: dict[_Key, list[tuple[int, int, str]]] = {}
    for facts, (cents, rule) in worth.items():
        rest = tuple(one for one in facts if one[0] != fact)
        alike.setdefault(rest, []).append((int(dict(facts)[fact]), cents, rule))
    for rest, column in alike.items():
        for (less, cents, rule), (more, fewer_cents, other) in pairwise(sorted(column)):
            if fewer_cents < cents:
                yield (
                    f"{fact} {less} gives {cents} by {rule}, and {fact} {more} gives {fewer_cents} "
                    f"by {other or 'no rule'} (outcome {dict(rest)['outcome']}, cause "
                    f"{dict(rest)['cause']}); put the rule for more before the one for less, or "
                    f"take {fact} out of this list"
                )
                return


def _cases(policy: RemedyPolicy) -> Iterator[Facts]:
    """Make up cases, each as the platform might meet it."""
    texts = [rule.text for rule in (*policy.customer, *policy.courier)]
    free = {
        name: _values(name, texts, policy)
        for name in FACTS
        if name not in {"cause", "fault", "no_fault", "outcome", "kept", "late_s"}
    }
    late_values = _values("late_s", texts, policy)
    ends = [
        (outcome, kept, late_s)
        for outcome in ASKED_OUTCOMES
        for kept, late_s in (
            [(False, 0)]
            if outcome == "refunded"
            else [(True, 0), *((False, int(late_s)) for late_s in late_values if int(late_s) > 0)]
        )
    ]
    ways = list(product(_causes(texts), ends))
    for others in _combined(free, most=_MOST_CASES // len(ways)):
        for cause, (outcome, kept, late_s) in ways:
            yield {
                "cause": cause.value,
                "fault": REASONS[cause].attribution.value,
                "no_fault": is_no_fault(cause),
                "outcome": outcome,
                "kept": kept,
                "late_s": late_s,
                **others,
            }


def _combined(free: Mapping[str, list[FactValue]], *, most: int) -> list[dict[str, FactValue]]:
    """Combine the values of facts: each with each, or where these are too many, one at a time."""
    if prod(len(values) for values in free.values()) <= most:
        return [dict(zip(free, values, strict=True)) for values in product(*free.values())]
    usual = {name: values[-1 if name == "value_cents" else 0] for name, values in free.items()}
    return [usual | {name: value} for name, values in free.items() for value in values]


def _values(name: str, texts: list[str], policy: RemedyPolicy) -> list[FactValue]:
    """Values a fact is tried with: on both sides of every edge, or one where nobody asks."""
    fact = FACTS[name]
    mine = [text for text in texts if re.search(rf"\b{name}\b", text)]
    if fact.type is bool:
        return [False, True] if mine else [False]
    if fact.type is str:
        quoted = [a or b for text in mine for a, b in re.findall(r"\"([^\"]*)\"|'([^']*)'", text)]
        words = fact.words or (_ANY_WORD,)
        named = [word for word in dict.fromkeys(quoted) if not fact.words or word in fact.words]
        other = [word for word in words if word not in named][:1]
        return [*named, *other]
    edges = {int(number) for text in mine for number in _NUMBER.findall(text)}
    if name == "late_s":
        edges |= {1}
    if name == "value_cents":
        edges |= {5_000}
        edges |= {1_000, 100_000} if name in policy.never_less_for_more else set()
    tried = {edge + step for edge in edges for step in (-1, 0, 1)} | {0}
    return [number for number in sorted(tried) if number >= 0]


def _causes(texts: list[str]) -> list[ReasonCode]:
    """Causes worth trying: those that a condition names, and one of each kind."""
    text = " ".join(texts)
    kinds: dict[tuple[str, bool], ReasonCode] = {}
    for cause in ReasonCode:
        kinds.setdefault((REASONS[cause].attribution.value, is_no_fault(cause)), cause)
    named = [cause for cause in ReasonCode if re.search(rf"[\"']{cause.value}[\"']", text)]
    return list(dict.fromkeys([*named, *kinds.values()]))
