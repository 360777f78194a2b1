"""Outgoing calls: to public addresses only, bounded in time and size, each written down."""

from recourse.adapters.webhooks.messenger import Messenger, Trade
from recourse.adapters.webhooks.poster import Poster

__all__ = ["Messenger", "Poster", "Trade"]
