"""This file knows how a message is signed, so that its receiver knows it is ours and fresh.

The scheme is that of Standard Webhooks 1.0.0: HMAC-SHA256 over id, timestamp and body. No secret is
stored: each is derived from the secret of the installation, the endpoint and a number that a new
secret raises. Whoever reads the database can sign nothing.
"""

import base64
import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime

__all__ = ["headers_of", "secret_of"]

_PREFIX = "whsec_"


def secret_of(secret: bytes, endpoint_id: str, number: int) -> str:
    """Secret with which messages to an endpoint are signed.

    Parameters
    ----------
    secret : bytes
        Of the installation.
    endpoint_id : str
        Which endpoint.
    number : int
        Which of its secrets, from 1.

    Returns
    -------
    str
        ``whsec_`` and 256 bits in base64, as libraries for Standard Webhooks take it.

    Examples
    --------
    >>> secret_of(b"ours", "hook-1", 1)[:6], len(secret_of(b"ours", "hook-1", 2))
    ('whsec_', 50)
    """
    return _PREFIX + base64.b64encode(_key(secret, endpoint_id, number)).decode()


def headers_of(
    message_id: str, body: bytes, *, at: datetime, secrets: Sequence[str]
) -> dict[str, str]:
    """Headers that let a receiver verify a message.

    Parameters
    ----------
    message_id : str
        The same at every try.
    body : bytes
        What is posted, to the byte.
    at : datetime
        When it is sent; a receiver refuses what is too old.
    secrets : sequence of str
        One signature is made with each.

    Returns
    -------
    dict of str to str
        ``webhook-id``, ``webhook-timestamp`` and ``webhook-signature``.

    Examples
    --------
    >>> from recourse.model.examples import NOON
    >>> headers = headers_of("m-1", b"{}", at=NOON, secrets=[secret_of(b"ours", "hook-1", 1)])
    >>> headers["webhook-signature"][:3]
    'v1,'
    """
    seconds = str(int(at.timestamp()))
    signed = f"{message_id}.{seconds}.".encode() + body
    signatures = [
        hmac.new(base64.b64decode(one.removeprefix(_PREFIX)), signed, hashlib.sha256).digest()
        for one in secrets
    ]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": seconds,
        "webhook-signature": " ".join(f"v1,{base64.b64encode(one).decode()}" for one in signatures),
    }


def _key(secret: bytes, endpoint_id: str, number: int) -> bytes:
    """256 bits that only we can derive."""
    return hmac.new(secret, f"webhook/{endpoint_id}/{number}".encode(), hashlib.sha256).digest()
