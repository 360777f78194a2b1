"""This file knows how a command line speaks to a platform that serves: its own HTTP API."""

import json
import uuid
from typing import Any

import httpx2

from recourse.model.errors import Invalid, RecourseError

__all__ = ["PlatformDoor", "Refused"]

_TIMEOUT_S = 60
_KINDS = {404: "not_found", 409: "conflict", 422: "invalid"}


class Refused(RecourseError):
    """The platform refused, in its own words."""

    def __init__(self, *, code: str, detail: str, status: int) -> None:
        self.code, self.status = code, status
        super().__init__(f"{code}: {detail}")


class PlatformDoor:
    """Asks a platform by HTTP; what it refuses is raised.

    Parameters
    ----------
    url : str
        Where it serves, e.g. ``http://127.0.0.1:8000``.
    key : str, optional
        Key of a door that wants one; sent as a bearer token.
    """

    def __init__(self, url: str, *, key: str = "") -> None:
        self._url = url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}

    def get(self, path: str, **query: str) -> Any:  # noqa: ANN401 - JSON
        """Read something; empty query values are left out."""
        asked = {name: value for name, value in query.items() if value}
        return self._send("GET", path, params=asked)

    def post(self, path: str, body: object) -> Any:  # noqa: ANN401 - JSON
        """Ask for something to be done, once."""
        return self._send(
            "POST",
            path,
            content=json.dumps(body),
            headers={"Content-Type": "application/json", "Idempotency-Key": uuid.uuid4().hex},
        )

    def _send(self, method: str, path: str, **more: Any) -> Any:  # noqa: ANN401
        """Send a request and read the answer."""
        try:
            with httpx2.Client(timeout=_TIMEOUT_S, headers=self._headers) as client:
                answer = client.request(method, self._url + path, **more)
        except httpx2.TransportError as error:
            why = f"nobody serves at {self._url}; start `recourse serve` or name another address"
            raise Invalid(field="--url", why=f"{why} ({type(error).__name__})") from error
        if answer.is_success:
            return answer.json() if answer.content else None
        raise _refusal(answer)


def _refusal(answer: httpx2.Response) -> RecourseError:
    """What a problem document says, as the error it was."""
    try:
        said = answer.json()
        code, detail = str(said["code"]), str(said["detail"])
    except (ValueError, KeyError, TypeError):
        code, detail = _KINDS.get(answer.status_code, "error"), f"HTTP {answer.status_code}"
    return Refused(code=code, detail=detail, status=answer.status_code)
