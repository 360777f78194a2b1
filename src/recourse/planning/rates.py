"""This file knows the rates of a plan in thousandths of a cent: distance, time, waiting."""

import numpy as np

from recourse.planning.board import Ints
from recourse.planning.params import PlanParams
from recourse.planning.world import VEHICLES

__all__ = ["price_m", "time_price_mc", "wait_price_mc"]


def time_price_mc(params: PlanParams, lasting_s: Ints) -> Ints:
    """Price of a route that lasts so long, thousandths of a cent: the longer, the dearer."""
    felt = lasting_s + lasting_s * lasting_s // (2 * params.balance_s)
    return felt * (params.cents_per_h * 1_000) // 3_600


def wait_price_mc(params: PlanParams, waited_s: Ints) -> Ints:
    """Price of so many seconds of orders waiting, thousandths of a cent."""
    price: Ints = waited_s * (params.wait_cents_per_min * 1_000) // 60
    return price


def price_m(params: PlanParams) -> Ints:
    """Thousandths of a cent per metre, by code of the vehicle."""
    return np.array([getattr(params, f"{v}_cents_per_km") for v in VEHICLES], dtype=np.int64)
