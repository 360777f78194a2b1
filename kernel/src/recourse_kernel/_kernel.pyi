import numpy as np
from numpy.typing import NDArray

class Params:
    mean_removed: float
    longest_string: float
    heat_start: float
    heat_end: float
    p_focus_unserved: float
    p_focus_orphan: float
    p_group: float
    p_together: float
    p_both_ends: float
    p_return: float
    p_eject: float
    sideways: float
    sideways_until: float
    n_free: int
    free_share: float
    promising: float
    n_polish: int
    n_near_orders: int
    n_near_couriers: int
    def __init__(self) -> None: ...

class Kernel:
    def __init__(
        self,
        *,
        time: NDArray[np.int32],
        price: NDArray[np.int32] | None,
        visits: NDArray[np.int32],
        demand: NDArray[np.int32],
        orders: NDArray[np.int32],
        unserved_price: NDArray[np.int64],
        move_price: NDArray[np.int64],
        order_skills: NDArray[np.uint64],
        couriers: NDArray[np.int32],
        capacity: NDArray[np.int32],
        load: NDArray[np.int32],
        courier_prices: NDArray[np.int64],
        skills: NDArray[np.uint64],
        options: NDArray[np.int32],
        periods: NDArray[np.int32],
        speeds: NDArray[np.int32],
        doubts: NDArray[np.int32],
        doubt_permille: int,
    ) -> None: ...
    def load_routes(self, lengths: NDArray[np.int32], visits: NDArray[np.int32]) -> None: ...
    def drop_courier(self, courier: int) -> list[int]: ...
    def told(self) -> tuple[NDArray[np.int32], NDArray[np.int32]]: ...
    def add_place(
        self,
        time_out: NDArray[np.int32],
        time_in: NDArray[np.int32],
        price_out: NDArray[np.int32],
        price_in: NDArray[np.int32],
    ) -> int: ...
    def change_place(
        self,
        place: int,
        time_out: NDArray[np.int32],
        time_in: NDArray[np.int32],
        price_out: NDArray[np.int32],
        price_in: NDArray[np.int32],
    ) -> list[int]: ...
    def add_visit(self, facts: NDArray[np.int32], demand: NDArray[np.int32]) -> int: ...
    def add_order(
        self,
        facts: NDArray[np.int32],
        unserved_price: NDArray[np.int64],
        move_price: NDArray[np.int64],
        skills: NDArray[np.uint64],
        options: NDArray[np.int32],
    ) -> int: ...
    def add_courier(
        self,
        facts: NDArray[np.int32],
        capacity: NDArray[np.int32],
        load: NDArray[np.int32],
        courier_prices: NDArray[np.int64],
        skills: NDArray[np.uint64],
    ) -> int: ...
    def take_order_out(self, order: int) -> list[int]: ...
    def move_courier(self, courier: int, place: int, at: int) -> list[int]: ...
    def change_break(self, courier: int, length: int, by: int) -> list[int]: ...
    def start_stop(self, courier: int, at: int) -> list[int]: ...
    def ask(self, seed: int, params: Params) -> None: ...
    def work(self, n_steps: int, heat_from: float, heat_to: float) -> None: ...
    def answer(
        self,
    ) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32], int, int, int]: ...
    def spot(self, order: int, courier: int) -> tuple[int, int, int, int] | None: ...
    def price(self) -> int: ...
    def close(self) -> None: ...
