"""Small things to try the disruption benchmark on."""

from pathlib import Path

import numpy as np

from benchmarks.redispatch.rows import Row
from benchmarks.redispatch.scenario import Scenario, Visit, Wish, truncated_distances
from recourse.adapters.benchmark_files import BenchmarkInstance


def line(variant: str) -> Scenario:
    """Two couriers on a line: one at 10, one at 20 to the east of a depot at 0; unit 10 is 100.

    Customers 1, 2, 3 are at 30, 40 and 50. In variant B parcel 3 is fetched at 45.
    """
    places = np.array([[0, 0], [30, 0], [40, 0], [50, 0], [10, 0], [20, 0], [45, 0]], float)
    is_handover = variant == "B"
    places = places if is_handover else places[:-1]
    n = len(places)
    sign = -1 if is_handover else 1
    demand = np.array([0, 5 * sign, 5 * sign, 5 * sign, 0, 0, 5][:n])
    return Scenario(
        instance="LINE",
        wish=Wish(n_broken=1, variant=variant),
        n_customers=3,
        clock=0,
        horizon=2_000,
        places=places,
        distances=truncated_distances(places),
        earliest=np.array([0, 0, 0, 600, 0, 0, 0][:n]),
        latest=np.array([2_000, 200, 900, 900, 2_000, 2_000, 2_000][:n]),
        service=np.array([0, 50, 50, 50, 0, 0, 60][:n]),
        demand=demand,
        starts=(4, 5),
        free_at=(0, 100),
        capacity=(10, 10),
        load=(5, 5) if is_handover else (0, 0),
        visits=(
            Visit(customer=1, node=1, holder=0 if is_handover else -1),
            Visit(customer=2, node=2, holder=1 if is_handover else -1),
            Visit(customer=3, node=3, pickup=6 if is_handover else -1, is_orphan=True),
        ),
        plan=((1,), (2,)),
        running=((1,), (2,), (3,)),
        penalty=5_000,
    )


def row(solver: str, scenario: str, cost: int, **more: object) -> Row:
    """One measured answer."""
    given: dict[str, object] = {
        "scenario": scenario,
        "digest": scenario,
        "solver": solver,
        "version": "1",
        "budget_ms": 100,
        "seed": 1,
        "cost": cost,
        "distance": cost,
        "n_unserved": 0,
        "n_unserved_orphans": 0,
        "n_moved": 0,
        "broken": (),
        "solve_s": 0.1,
        "setup_s": 0.01,
    }
    return Row(**{**given, **more})  # type: ignore[arg-type]


def write(instance: BenchmarkInstance, folder: Path) -> Path:
    """Write an instance as Gehring and Homberger did."""
    columns = (
        range(instance.n_customers + 1),
        *instance.places.T.astype(int),
        instance.demands,
        instance.ready.astype(int),
        instance.due.astype(int),
        instance.service.astype(int),
    )
    rows = [
        "".join(f"{int(value):>10}" for value in values) for values in zip(*columns, strict=True)
    ]
    head = [
        instance.name.lower(), "", "VEHICLE", "NUMBER     CAPACITY",
        f"{instance.n_vehicles:>4}{instance.capacity:>13}", "", "CUSTOMER",
        "CUST NO.  XCOORD.  YCOORD.  DEMAND  READY TIME  DUE DATE  SERVICE TIME", " ",
    ]  # fmt: skip
    path = folder / f"{instance.name.lower()}.txt"
    path.write_text("\r\n".join([*head, *rows, ""]))
    return path
