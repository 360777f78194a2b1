"""This file knows which peer is called how, and that a slow one holds up nobody but itself."""

import asyncio
from collections.abc import Mapping
from typing import Protocol

from recourse.model.errands import Call
from recourse.model.webhooks import Reached, TryOutcome

__all__ = ["Peer", "Peers"]


class Peer(Protocol):
    """Does what is asked of it, once a call; says what is known."""

    async def call(self, wanted: Call) -> Reached:
        """Do it, or say what came of a key."""
        ...


class Peers:
    """Everybody who is called about errands.

    Parameters
    ----------
    peers : mapping of str to Peer
        By name.
    deadline_s : float, optional
        Seconds after which a call is given up; what came of it is then unknown.
    """

    def __init__(self, peers: Mapping[str, Peer], *, deadline_s: float = 10.0) -> None:
        self._peers, self.deadline_s = dict(peers), deadline_s

    async def call(self, wanted: Call) -> Reached:
        """Call a peer once.

        Parameters
        ----------
        wanted : Call
            What is said, and to whom.

        Returns
        -------
        Reached
            What is known of it.
        """
        peer = self._peers.get(wanted.peer)
        if peer is None:
            detail = f"nobody is called {wanted.peer}"
            return Reached(outcome=TryOutcome.NOT_REACHED, detail=detail)
        try:
            async with asyncio.timeout(self.deadline_s):
                return await peer.call(wanted)
        except TimeoutError:
            detail = f"no answer within {self.deadline_s:g} s"
            return Reached(outcome=TryOutcome.UNKNOWN, detail=detail)
