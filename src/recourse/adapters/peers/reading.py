"""This file knows the file of peers: channels to customers, and who pays remedies out."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from recourse.adapters.peers.calling import Peer
from recourse.adapters.peers.gateway import Gateway
from recourse.adapters.peers.pushing import Pushing, push_key
from recourse.adapters.peers.texting import Texting
from recourse.adapters.settings_files import read_settings
from recourse.adapters.webhooks import Poster
from recourse.model.errands import Channel, PayoutPeer, Reach
from recourse.model.errors import Invalid
from recourse.model.redress import NoticeKind, RemedyKind

__all__ = ["PeersFile", "read_peers"]

_PUSH_S = 8.0
_QUIET = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])-([01][0-9]|2[0-3]):([0-5][0-9])")
_Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,31}$")]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Channel(_Table):
    """What every channel has."""

    name: _Name
    merchants: tuple[str, ...] = ()
    kinds: tuple[NoticeKind, ...] = ()
    quiet: Annotated[str, Field(pattern=_QUIET.pattern)] | None = None
    per_hour: Annotated[int, Field(ge=0)] = 0
    per_day: Annotated[int, Field(ge=0)] = 0


class _Apprise(_Channel):
    over: Literal["apprise"]
    url: str


class _Gateway(_Channel):
    over: Literal["gateway"]
    url: str
    reach: Literal["phone", "mail"]
    token: str = ""
    takes_key: bool
    can_be_asked: bool


class _Push(_Channel):
    over: Literal["push"]
    subject: Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+$")]


class _Payouts(_Table):
    url: str
    token: str = ""
    kinds: tuple[RemedyKind, ...] = ()


class _File(_Table):
    channel: tuple[Annotated[_Apprise | _Gateway | _Push, Field(discriminator="over")], ...] = ()
    payouts: _Payouts | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PeersFile:
    """What a file of peers says.

    Attributes
    ----------
    channels : tuple of Channel
        The preferred first.
    payouts : PayoutPeer or None
        Who pays remedies out.
    peers : dict of str to Peer
        Who is called, by name.
    push_key : str
        With which a browser asks for messages; empty where none are sent.
    """

    channels: tuple[Channel, ...] = ()
    payouts: PayoutPeer | None = None
    peers: dict[str, Peer] = field(default_factory=dict)
    push_key: str = ""


def read_peers(path: Path, *, secret: bytes, is_local: bool = False) -> PeersFile:
    """Read a file of peers, and make who is called.

    Parameters
    ----------
    path : Path
        A file in TOML.
    secret : bytes
        Secret of the installation, which signs what is pushed.
    is_local : bool, optional
        Whether browsers may give addresses of this network; for development.

    Returns
    -------
    PeersFile
        What it says.

    Raises
    ------
    Invalid
        If anything is wrong with it, or names what is not in the environment.
    """
    said = read_settings(path, _File, field="peers")
    names = [one.name for one in said.channel]
    if len({*names, PayoutPeer().name}) <= len(names):
        raise Invalid(field="peers", why=f"{path}: two peers have the same name")
    peers: dict[str, Peer] = {}
    channels = []
    for one in said.channel:
        peers[one.name], channel = _made(one, secret=secret, is_local=is_local)
        channels.append(channel)
    payouts = None
    if said.payouts is not None:
        payouts = PayoutPeer(kinds=tuple(kind.value for kind in said.payouts.kinds))
        peers[payouts.name] = Gateway(
            said.payouts.url, poster=Poster(is_local=True), token=said.payouts.token
        )
    has_push = any(one.reach is Reach.PUSH for one in channels)
    return PeersFile(
        channels=tuple(channels),
        payouts=payouts,
        peers=peers,
        push_key=push_key(secret) if has_push else "",
    )


def _made(
    one: _Apprise | _Gateway | _Push, *, secret: bytes, is_local: bool
) -> tuple[Peer, Channel]:
    """A channel as it is called, and as it is decided about."""
    peer: Peer
    if isinstance(one, _Apprise):
        peer = texting = Texting(one.url)
        reach, takes_key, can_be_asked = texting.reach, False, False
    elif isinstance(one, _Gateway):
        # Whoever runs the installation names it: it may well lie inside.
        peer = Gateway(
            one.url, poster=Poster(is_local=True), token=one.token, takes_key=one.takes_key
        )
        reach, takes_key, can_be_asked = Reach(one.reach), one.takes_key, one.can_be_asked
    else:
        # One browser that hangs must not cost us the answers of the others.
        poster = Poster(is_local=is_local, deadline_s=_PUSH_S)
        peer = Pushing(secret=secret, subject=one.subject, poster=poster)
        reach, takes_key, can_be_asked = Reach.PUSH, True, False
    from_s, until_s = _quiet(one.quiet)
    channel = Channel(
        name=one.name,
        reach=reach,
        takes_key=takes_key,
        can_be_asked=can_be_asked,
        merchants=one.merchants,
        kinds=tuple(kind.value for kind in one.kinds),
        quiet_from_s=from_s,
        quiet_until_s=until_s,
        per_hour=one.per_hour,
        per_day=one.per_day,
    )
    return peer, channel


def _quiet(hours: str | None) -> tuple[int, int]:
    """Quiet hours in seconds after midnight; the same twice for none."""
    if hours is None or (found := _QUIET.fullmatch(hours)) is None:
        return 0, 0
    numbers = [int(part) for part in found.groups()]
    return numbers[0] * 3600 + numbers[1] * 60, numbers[2] * 3600 + numbers[3] * 60
