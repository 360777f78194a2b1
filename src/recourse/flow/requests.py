"""This file knows what the doors hand over to the flow: the values a request becomes."""

from recourse.orders import Wanted
from recourse.tracking import Pings

__all__ = ["Pings", "Wanted"]
