"""RE-MATCH: put a broken plan right, all orphans together, in milliseconds.

Read `World` first: it lives on, hears what happens and answers. `answer_within` is for callers who
hold a clock. `Metropolis` is for cities too large to be one world. The work is done by the compiled
package `recourse_kernel`.
"""

from recourse.planning.engine.answers import Answer, SearchParams
from recourse.planning.engine.facts import ANY, Couriers, Options, Orders, Visits
from recourse.planning.engine.metropolis import Metropolis
from recourse.planning.engine.ways import Travel, Ways
from recourse.planning.engine.world import World, answer_within

__all__ = [
    "ANY",
    "Answer",
    "Couriers",
    "Metropolis",
    "Options",
    "Orders",
    "SearchParams",
    "Travel",
    "Visits",
    "Ways",
    "World",
    "answer_within",
]
