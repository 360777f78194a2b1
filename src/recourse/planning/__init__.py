"""PLAN: who goes where in which order, and why nobody else.

Read `place` first; `World` is what it is asked about, `verify` checks every answer afresh.
"""

from recourse.planning.check import verify
from recourse.planning.demand import Demand, Insertion, Placement
from recourse.planning.meetings import place_met
from recourse.planning.params import PlanParams
from recourse.planning.place import place
from recourse.planning.routes import retime, without
from recourse.planning.travel import Travel
from recourse.planning.words import explain
from recourse.planning.world import World

__all__ = [
    "Demand",
    "Insertion",
    "Placement",
    "PlanParams",
    "Travel",
    "World",
    "explain",
    "place",
    "place_met",
    "retime",
    "verify",
    "without",
]
