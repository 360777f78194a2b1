"""This file knows what is kept of an answer, so that the same question gets it again."""

from dataclasses import dataclass
from datetime import datetime

__all__ = ["Reply"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """The stored answer to a request that carried an idempotency key.

    Attributes
    ----------
    caller, key : str
        Who asked, and the key they chose.
    fingerprint : str
        Digest of operation and body; another body under the same key is refused.
    status : int
        HTTP status answered.
    body : str
        JSON answered.
    at : datetime
        When.
    """

    caller: str
    key: str
    fingerprint: str
    status: int
    body: str
    at: datetime
