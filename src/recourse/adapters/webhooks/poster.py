"""This file knows how something is posted to somebody who may be slow, broken or hostile."""

import asyncio
import ssl
from urllib.parse import urlsplit

import httpcore2

from recourse.adapters.webhooks.guard import CheckedBackend, ForbiddenAddress
from recourse.model.webhooks import Post, Reached, TryOutcome

__all__ = ["Poster"]

_MAX_ANSWER_BYTES = 65_536
_CONNECT_S = 3.0
_ABOUT_US = {"content-type": "application/json", "user-agent": "Recourse-Webhooks/1"}
_NEVER_SENT = (
    ForbiddenAddress,
    httpcore2.ConnectError,
    httpcore2.ConnectTimeout,
    httpcore2.LocalProtocolError,
    httpcore2.UnsupportedProtocol,
)


class Poster:
    """Posts to public addresses, over one fresh connection each, without following anybody.

    Parameters
    ----------
    is_local : bool, optional
        Whether plain http and addresses of this network are allowed; for development.
    deadline_s : float, optional
        Seconds from the first look-up to the last byte of the answer.
    trusted : SSLContext, optional
        Whose certificates are believed; those of the system when None.
    """

    def __init__(
        self,
        *,
        is_local: bool = False,
        deadline_s: float = 10.0,
        trusted: ssl.SSLContext | None = None,
    ) -> None:
        self._is_local, self.deadline_s = is_local, deadline_s
        self._trusted = trusted or ssl.create_default_context()

    async def post(self, wanted: Post) -> Reached:
        """Post once, and say what is known of it.

        Parameters
        ----------
        wanted : Post
            What, and where to.

        Returns
        -------
        Reached
            *Not reached* only if nothing of it can have been read; *unknown* where it may have.
        """
        if not self._is_local and urlsplit(wanted.url).scheme != "https":
            return Reached(outcome=TryOutcome.NOT_REACHED, detail="only https is called")
        try:
            async with asyncio.timeout(self.deadline_s):
                return await self._exchange(wanted)
        except _NEVER_SENT as error:
            detail = str(error) or type(error).__name__
            return Reached(outcome=TryOutcome.NOT_REACHED, detail=detail)
        except (TimeoutError, httpcore2.TimeoutException):
            return Reached(
                outcome=TryOutcome.UNKNOWN, detail=f"no answer within {self.deadline_s:g} s"
            )
        except (httpcore2.NetworkError, httpcore2.ProtocolError, OSError) as error:
            detail = f"the line broke: {str(error) or type(error).__name__}"
            return Reached(outcome=TryOutcome.UNKNOWN, detail=detail)

    async def _exchange(self, wanted: Post) -> Reached:
        """Send, and read of the answer what tells taken from refused."""
        backend = CheckedBackend(is_local=self._is_local)
        pool = httpcore2.AsyncConnectionPool(
            ssl_context=self._trusted, network_backend=backend, max_connections=1
        )
        headers = list({**_ABOUT_US, **wanted.headers}.items())
        async with (
            pool,
            pool.stream(
                wanted.method,
                wanted.url,
                headers=headers,
                content=wanted.body,
                extensions={"timeout": {"connect": _CONNECT_S}},
            ) as answer,
        ):
            given = {name.lower(): value for name, value in answer.headers}
            body = b""
            async for part in answer.aiter_stream():
                body += part
                if len(body) > _MAX_ANSWER_BYTES:
                    break
            return _judge(answer.status, given.get(b"retry-after", b""), body[:_MAX_ANSWER_BYTES])


def _judge(status: int, retry_after: bytes, body: bytes) -> Reached:
    """Taken for a status of success; anything else, a redirect too, is refused."""
    if 200 <= status < 300:  # noqa: PLR2004 - what HTTP calls success
        return Reached(outcome=TryOutcome.TAKEN, status=status, body=body)
    wait_s = int(retry_after) if retry_after.isdigit() and len(retry_after) <= 6 else 0  # noqa: PLR2004
    detail = f"it answered {status}"
    return Reached(outcome=TryOutcome.REFUSED, status=status, detail=detail, retry_after_s=wait_s)
