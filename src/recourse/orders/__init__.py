"""ORDER: take a request on, promise a window, and know which wave carries it."""

from recourse.orders.admit import AdmitParams, Wanted, admit, first_custody, opens_at
from recourse.orders.moves import move_order
from recourse.orders.waves import next_wave, wave_starts

__all__ = [
    "AdmitParams",
    "Wanted",
    "admit",
    "first_custody",
    "move_order",
    "next_wave",
    "opens_at",
    "wave_starts",
]
