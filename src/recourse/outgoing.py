"""This file knows how the calls outside are wired: webhooks, errands, the identity provider."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from recourse.adapters.oidc import Provider, read_provider
from recourse.adapters.peers import Peers, PeersFile, read_peers
from recourse.adapters.webhooks import Messenger, Poster, Trade
from recourse.flow import outside, webhooks
from recourse.flow.platform import Platform
from recourse.model.commands import ERRAND, WEBHOOK, Command
from recourse.model.errors import Invalid
from recourse.model.ports import Clock
from recourse.model.webhooks import Reached
from recourse.settings import LOOPBACK, Settings

__all__ = ["messenger_of", "peers_of", "provider_of"]

_Perform = Callable[[Any], Awaitable[Reached]]


def messenger_of(
    platform: Platform,
    peers: PeersFile,
    *,
    is_local: bool,
    deadline_s: float = 10.0,
    wrap: Callable[[_Perform], _Perform] = lambda perform: perform,
) -> Messenger:
    """Wire who tells merchants and does errands.

    Parameters
    ----------
    platform : Platform
        What the stages work with.
    peers : PeersFile
        Who is called about errands.
    is_local : bool
        Whether webhooks may go to plain http and to addresses of this network.
    deadline_s : float, optional
        Seconds after which a call is given up.
    wrap : callable, optional
        Puts something around every call, such as a place to die at.

    Returns
    -------
    Messenger
        Not started.
    """
    trades = {
        WEBHOOK: _telling(platform, Poster(is_local=is_local, deadline_s=deadline_s)),
        ERRAND: _errands(platform, Peers(peers.peers, deadline_s=deadline_s)),
    }
    return Messenger(
        store=platform.store,
        clock=platform.clock,
        relay=lambda tx: webhooks.relay(tx, platform),
        trades={
            name: replace(trade, perform=wrap(trade.perform)) for name, trade in trades.items()
        },
    )


def _telling(platform: Platform, poster: Poster) -> Trade:
    """How merchants are told: one endpoint after its own messages, and beside all others."""

    def endpoint_of(command: Command) -> str:
        return str(command.payload["endpoint_id"])

    return Trade(
        line_of=endpoint_of,
        gate_of=endpoint_of,
        prepare=lambda tx, command: webhooks.prepare(tx, platform, command),
        perform=poster.post,
        conclude=lambda tx, command, reached: webhooks.conclude(tx, platform, command, reached),
        deadline_s=poster.deadline_s,
    )


def _errands(platform: Platform, peers: Peers) -> Trade:
    """How errands are done: one order after its own notices, many orders at a time."""
    return Trade(
        line_of=outside.line_of,
        gate_of=lambda command: str(command.payload["peer"]),
        prepare=lambda tx, command: outside.prepare(tx, platform, command),
        perform=peers.call,
        conclude=lambda tx, command, reached: outside.conclude(tx, platform, command, reached),
        deadline_s=peers.deadline_s,
    )


def peers_of(settings: Settings, secret: bytes) -> PeersFile:
    """Who is called, as the file says; nobody without one.

    Parameters
    ----------
    settings : Settings
        Names the file.
    secret : bytes
        Secret of the installation.

    Returns
    -------
    PeersFile
        Channels, who pays, and how they are called.
    """
    if settings.peers_file is None:
        return PeersFile()
    return read_peers(settings.peers_file, secret=secret, is_local=settings.has_local_webhooks)


def provider_of(settings: Settings, clock: Clock) -> Provider | None:
    """Whom people at the console may sign in with, as the file says; nobody without one.

    Parameters
    ----------
    settings : Settings
        Names the file.
    clock : Clock
        Against which its words are held.

    Returns
    -------
    Provider or None
        Not asked anything yet: it may be down while we start.

    Raises
    ------
    Invalid
        If browsers would come back to a host that is not served.
    """
    if settings.oidc_file is None:
        return None
    provider = Provider(read_provider(settings.oidc_file), now=clock.now)
    if provider.host not in LOOPBACK | {name.lower() for name in settings.names}:
        why = f"{settings.oidc_file}: address: {provider.host} is not served; add --name"
        raise Invalid(field="oidc", why=f"{why} {provider.host}")
    return provider
