"""This file knows what holds: tunables from settings, and how a policy comes into force."""

import tomllib
from dataclasses import replace
from pathlib import Path
from typing import cast, get_args

from recourse import redress
from recourse.adapters.conditions import conditions_over
from recourse.adapters.policies import SHIPPED, read_policy_file
from recourse.bonuses import BonusParams
from recourse.flow import policies
from recourse.flow.platform import CaseRules, Params, Platform, WaysParams, WebhookParams
from recourse.model.errors import Invalid
from recourse.model.events import PolicyEntered
from recourse.recovery import Policy, RecoveryParams
from recourse.settings import Settings

__all__ = ["enter_policy", "load_policy", "params_of"]


def params_of(settings: Settings) -> Params:
    """Read the tunables of the stages from the settings.

    Parameters
    ----------
    settings : Settings
        How the installation is set up.

    Returns
    -------
    Params
        All but what is done outside.

    Raises
    ------
    Invalid
        If a setting cannot be: an unknown policy, a budget below nothing.
    """
    params = Params() if settings.planner == "engine" else Params().as_inserted()
    params = replace(params, recovery=_recovery(settings))
    if settings.policy_file is not None:
        params = replace(params, redress=load_policy(settings.policy_file))
    params = replace(params, webhooks=WebhookParams(is_local=settings.has_local_webhooks))
    params = replace(params, ways=WaysParams(has_neighbours=settings.has_neighbours))
    return replace(params, bonuses=_bonuses(settings))


def _recovery(settings: Settings) -> RecoveryParams:
    """How cases are handled here, and which ways out their customers may choose."""
    return RecoveryParams(
        policy=_policy(settings),
        n_slots=settings.n_slots,
        slot_order_s=settings.slot_order_s,
        has_express=settings.express_price_cents is not None,
        express_price_cents=settings.express_price_cents or 0,
    )


def _bonuses(settings: Settings) -> BonusParams:
    """What may be given to couriers on top."""
    day, merchant = settings.bonus_day_cents, settings.bonus_merchant_day_cents
    for name, cents in (("bonus_day_cents", day), ("bonus_merchant_day_cents", merchant)):
        if cents is not None and cents < 0:
            raise Invalid(field=name, why=f"a budget cannot be {cents}")
    if day is None and merchant is not None:
        why = "it bounds a part of bonus_day_cents, which is not set"
        raise Invalid(field="bonus_merchant_day_cents", why=why)
    return BonusParams(day_cents=day, merchant_day_cents=merchant)


def _policy(settings: Settings) -> Policy:
    """The policy that is set, which must be one we know."""
    for known in get_args(Policy):
        if settings.policy == known:
            return cast("Policy", known)
    raise Invalid(field="policy", why=f"must be one of {', '.join(get_args(Policy))}")


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
