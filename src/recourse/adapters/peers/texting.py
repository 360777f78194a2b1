"""This file knows how a notice goes out through Apprise: mail, gateways for texts, chats.

Apprise says yes or no, and a no may come after the text went out: a channel over Apprise takes no
key and cannot be asked. Only where the line was never opened is it certain that nothing was sent.
"""

import asyncio
import logging
import re
import threading
import warnings
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import quote

from recourse.model.errands import Call, Reach
from recourse.model.errors import Invalid
from recourse.model.webhooks import Reached, TryOutcome

__all__ = ["Texting"]

_AT_ONCE = 16
_PLACE = re.compile(r"\{(phone|mail)\}")
_EXAMPLES = {Reach.PHONE: "+16045550123", Reach.MAIL: "anna@example.com"}
# What the libraries under Apprise say when no byte of ours has left.
_NEVER_OPENED = (
    "failed to establish a new connection",
    "connection refused",
    "name or service not known",
    "temporary failure in name resolution",
    "failed to resolve",
    "no route to host",
    "network is unreachable",
)


class Texting:
    """A channel over one URL of Apprise.

    Parameters
    ----------
    url : str
        For Apprise, with ``{phone}`` or ``{mail}`` where the customer's goes.
    timeout_s : float, optional
        Seconds Apprise waits for a line, and for an answer.

    Raises
    ------
    Invalid
        If Apprise does not know such a URL.
    """

    def __init__(self, url: str, *, timeout_s: float = 8.0) -> None:
        self._url, self._timeout_s = url, timeout_s
        self.reach = reach_of(url)
        self._pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="recourse-text")
        if self._plugin(_EXAMPLES[self.reach]) is None:
            raise Invalid(field="url", why="Apprise knows no such URL")

    async def call(self, wanted: Call) -> Reached:
        """Hand a notice over once.

        Parameters
        ----------
        wanted : Call
            Its title and text, and the contact of whom it is for.

        Returns
        -------
        Reached
            *Not reached* only if no line was opened; *unknown* for any other no.
        """
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, self._send, wanted.to, wanted.data)

    def _send(self, to: str, data: Mapping[str, Any]) -> Reached:
        """Send in a thread of its own, and read the log of that thread for what went wrong."""
        plugin = self._plugin(to)
        if plugin is None:
            return Reached(outcome=TryOutcome.REFUSED, detail="the contact fits no such channel")
        listener = _Listener()
        log = logging.getLogger("apprise")
        log.addHandler(listener)
        try:
            is_sent = plugin.notify(body=str(data["text"]), title=str(data["title"]))
        finally:
            log.removeHandler(listener)
        if is_sent:
            return Reached(outcome=TryOutcome.TAKEN)
        heard = listener.heard.lower()
        if any(words in heard for words in _NEVER_OPENED):
            return Reached(outcome=TryOutcome.NOT_REACHED, detail="no line to the gateway")
        return Reached(outcome=TryOutcome.UNKNOWN, detail="the gateway did not say yes")

    def _plugin(self, to: str) -> Any:  # noqa: ANN401 - Apprise has no types
        """The plugin of Apprise for one contact; None if it takes none such."""
        with warnings.catch_warnings():
            # One of its hundred plugins uses a module that Python is about to drop.
            warnings.simplefilter("ignore", DeprecationWarning)
            import apprise  # noqa: PLC0415 - a quarter of a second, for who has such a channel

            url = _PLACE.sub(lambda _: quote(to, safe="+@"), self._url)
            plugin = apprise.Apprise.instantiate(url, suppress_exceptions=True)
        # Its log says what went wrong, and also to whom: it goes no further than to us.
        log = logging.getLogger("apprise")
        log.setLevel(logging.DEBUG)
        log.propagate = False
        if plugin is not None:
            plugin.request_rate_per_sec = 0
            plugin.socket_read_timeout = plugin.socket_connect_timeout = self._timeout_s
        return plugin


class _Listener(logging.Handler):
    """Keeps what one thread logs."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self._thread, self.heard = threading.get_ident(), ""

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a line of this thread."""
        if record.thread == self._thread:
            self.heard += record.getMessage() + "\n"


def reach_of(url: str) -> Reach:
    """Find what a URL for Apprise needs to know of a customer.

    Parameters
    ----------
    url : str
        With one of the two placeholders.

    Returns
    -------
    Reach
        A phone or a mail address.

    Raises
    ------
    Invalid
        If it has none, or both.

    Examples
    --------
    >>> reach_of("mailto://mail.example?to={mail}").value
    'mail'
    """
    found = set(_PLACE.findall(url))
    if len(found) != 1:
        raise Invalid(field="url", why="it needs {phone} or {mail} where the customer's goes")
    return Reach(found.pop())
