"""This file knows how a policy comes into force: read, proved, entered into the log."""

import tomllib
from pathlib import Path

from recourse import redress
from recourse.adapters.conditions import conditions_over
from recourse.adapters.policies import SHIPPED, read_policy_file
from recourse.flow import policies
from recourse.flow.platform import CaseRules, Platform
from recourse.model.events import PolicyEntered

__all__ = ["enter_policy", "load_policy"]


def enter_policy(platform: Platform, path: Path | None) -> None:
    """Give the policy in force its number: cases keep the one they began with.

    Parameters
    ----------
    platform : Platform
        A platform whose parameters are complete.
    path : Path or None
        The file of remedies they were read from; None for those as shipped.
    """
    params = platform.params
    remedies = read_policy_file(path or SHIPPED).text
    with platform.store.begin() as tx:
        platform.policy = policies.enter(
            tx, now=platform.now(), recovery=params.recovery, remedies=remedies
        )
    platform.policies[platform.policy] = CaseRules(params.recovery, params.redress)
    platform.read_policy = _as_entered


def _as_entered(entered: PolicyEntered) -> CaseRules:
    """The rules of a policy as the log has them; it was proved when it was entered."""
    read = conditions_over({name: fact.type for name, fact in redress.FACTS.items()})
    remedies = redress.read_policy(tomllib.loads(entered.remedies), condition=read)
    return CaseRules(policies.recovery_of(entered), remedies)


def load_policy(path: Path) -> redress.RemedyPolicy:
    """Read a policy of remedies, and hold it to what it says of itself.

    Parameters
    ----------
    path : Path
        A file in TOML.

    Returns
    -------
    RemedyPolicy
        The policy.

    Raises
    ------
    NotFound
        If there is no such file.
    PolicyRefused
        If anything is wrong with it; every fault with its line.
    """
    file = read_policy_file(path)

    def place_of(field: str) -> str:
        return f"{path}:{line}: " if (line := file.line_of(field)) else f"{path}: "

    read = conditions_over({name: fact.type for name, fact in redress.FACTS.items()})
    try:
        policy = redress.read_policy(file.tables, condition=read)
        redress.prove(policy)
    except redress.PolicyRefused as refused:
        faults = sorted(refused.faults, key=lambda fault: file.line_of(fault.field))
        raise redress.PolicyRefused(faults, place_of=place_of) from refused
    return policy
