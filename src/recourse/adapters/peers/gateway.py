"""This file knows a peer that speaks HTTP: it takes a key, and may be asked what came of it.

The thing itself is ``POST {url}`` with ``Idempotency-Key``; the question is ``GET {url}/{key}``,
answered by 404 for a key that was never heard of, else by ``{"state": "done"}``, ``"pending"`` or
``"refused"``. A success whose body says *pending* is not known yet, and is asked about.
"""

from dataclasses import replace
from urllib.parse import quote

from pydantic_core import from_json, to_json

from recourse.adapters.webhooks import Poster
from recourse.model.errands import Act, Call
from recourse.model.webhooks import Post, Reached, TryOutcome

__all__ = ["Gateway"]


class Gateway:
    """A text gateway, or a payment service, behind HTTP.

    Parameters
    ----------
    url : str
        Where things are posted.
    poster : Poster
        Does the posting.
    token : str, optional
        Sent as a bearer token; empty for none.
    takes_key : bool, optional
        Whether the key is sent along.
    """

    def __init__(
        self, url: str, *, poster: Poster, token: str = "", takes_key: bool = True
    ) -> None:
        self._url, self._poster, self._takes_key = url, poster, takes_key
        self._headers = {"authorization": f"Bearer {token}"} if token else {}

    async def call(self, wanted: Call) -> Reached:
        """Post once, or ask once.

        Parameters
        ----------
        wanted : Call
            What is said.

        Returns
        -------
        Reached
            What is known of it.
        """
        if wanted.act is Act.ASK:
            url = f"{self._url.rstrip('/')}/{quote(wanted.key, safe='')}"
            asked = Post(url=url, body=b"", headers=self._headers, method="GET")
            return _judge(await self._poster.post(asked), is_answer=True)
        headers = dict(self._headers)
        if self._takes_key:
            headers["idempotency-key"] = wanted.key
        said = {"key": wanted.key, **({"to": wanted.to} if wanted.to else {}), **wanted.data}
        sent = Post(url=self._url, body=to_json(said), headers=headers)
        return _judge(await self._poster.post(sent), is_answer=False)


def _judge(reached: Reached, *, is_answer: bool) -> Reached:
    """Read what a success says: that it is done, still open, or will never be."""
    if reached.outcome is not TryOutcome.TAKEN:
        return reached
    state = _state(reached.body)
    if state == "refused":
        # Its status stays a success: this is what became of the key, not of the request.
        return replace(reached, outcome=TryOutcome.REFUSED, detail="it says it was refused")
    if state == "pending" or (is_answer and state != "done"):
        return replace(reached, outcome=TryOutcome.UNKNOWN, detail="it is not settled yet")
    return reached


def _state(body: bytes) -> str:
    """What an answer says of the thing; empty when it says nothing."""
    try:
        said = from_json(body) if body else {}
    except ValueError:
        return ""
    return str(said.get("state", "")) if isinstance(said, dict) else ""
