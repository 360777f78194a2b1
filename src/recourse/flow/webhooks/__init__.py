"""Tell merchants what happens to their orders: from the log, signed, until somebody takes it."""

from recourse.flow.webhooks.endpoints import change, find, of_merchant, register, remove
from recourse.flow.webhooks.relay import relay
from recourse.flow.webhooks.replay import replay, replay_range
from recourse.flow.webhooks.sending import conclude, prepare
from recourse.flow.webhooks.signing import secret_of

__all__ = [
    "change",
    "conclude",
    "find",
    "of_merchant",
    "prepare",
    "register",
    "relay",
    "remove",
    "replay",
    "replay_range",
    "secret_of",
]
