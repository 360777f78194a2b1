"""This file knows which addresses may be called from here, and connects to none but these.

A name is resolved once, every address it has is judged, and the connection goes to the very address
that was judged: a name that is resolved to something else a moment later gains nothing.
"""

import asyncio
import socket
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Any

import httpcore2

__all__ = ["CheckedBackend", "ForbiddenAddress", "is_public"]

# Public by number, yet inside: the wire server of one cloud answers every machine in it. The rest
# is reserved, which not every version of the standard library knows.
_INSIDE = (
    IPv4Network("168.63.129.16/32"),
    IPv4Network("192.0.0.0/24"),
    IPv4Network("192.88.99.0/24"),
    IPv6Network("2001::/23"),
    IPv6Network("5f00::/16"),
)
_NAT64 = (IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/48"))
_LOW_32_BITS = 0xFFFF_FFFF


class ForbiddenAddress(Exception):
    """A name leads to an address that is not called from here."""


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether an address lies outside, for every way in which it can be read.

    Parameters
    ----------
    address : IPv4Address or IPv6Address
        Where a connection would go.

    Returns
    -------
    bool
        False for private, loopback, link-local, shared, multicast and reserved ones, and for IPv6
        addresses in which one of these is wrapped.

    Examples
    --------
    >>> [is_public(ip_address(one)) for one in ("1.1.1.1", "10.0.0.1", "169.254.169.254")]
    [True, False, False]
    >>> is_public(ip_address("::ffff:127.0.0.1")), is_public(ip_address("64:ff9b::a00:1"))
    (False, False)
    """
    if isinstance(address, IPv6Address):
        wrapped = address.ipv4_mapped or address.sixtofour
        if any(address in network for network in _NAT64):
            wrapped = IPv4Address(int(address) & _LOW_32_BITS)
        if address.teredo is not None or address.is_site_local:
            return False
        if wrapped is not None:
            return is_public(wrapped)
    is_inside = any(address in network for network in _INSIDE)
    return address.is_global and not address.is_multicast and not is_inside


class CheckedBackend(httpcore2.AsyncNetworkBackend):
    """Opens connections to public addresses only.

    Parameters
    ----------
    is_local : bool
        Whether every address is allowed; for development.
    """

    def __init__(self, *, is_local: bool = False) -> None:
        self._inner = httpcore2.AnyIOBackend()
        self._is_local = is_local

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """Resolve a name, judge every address, connect to the first.

        Returns
        -------
        AsyncNetworkStream
            Open.

        Raises
        ------
        ForbiddenAddress
            If any address of the name is not public.
        ConnectError
            If the name has none.
        """
        try:
            found = await asyncio.get_running_loop().getaddrinfo(
                host, port, type=socket.SOCK_STREAM
            )
        except (OSError, UnicodeError) as error:
            message = f"{host} has no address: {error}"
            raise httpcore2.ConnectError(message) from error
        addresses = [str(one[4][0]).partition("%")[0] for one in found]
        for address in addresses:
            if not self._is_local and not is_public(ip_address(address)):
                message = f"{host} leads to {address}, which is not called from here"
                raise ForbiddenAddress(message)
        return await self._inner.connect_tcp(
            addresses[0], port, timeout, local_address, socket_options
        )

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """Refuse: nothing outside is a file.

        Raises
        ------
        ForbiddenAddress
            Always.
        """
        del timeout, socket_options
        raise ForbiddenAddress(path)

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await self._inner.sleep(seconds)
