"""This file knows how a notice is pushed to a browser: sealed for it alone, signed by us.

The address comes from a browser, that is, from anybody: only public addresses are called, as with
webhooks. The key of a notice is its tag, and a browser shows each tag once: sending it again does
not show it again. So all browsers of an order are called at once, and all of them again while none
has taken it.
"""

import asyncio
import hashlib
from base64 import urlsafe_b64encode
from dataclasses import replace
from io import BytesIO

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from pydantic_core import to_json
from webpush import WebPush
from webpush.types import WebPushSubscription

from recourse.adapters.webhooks import Poster
from recourse.model.errands import Call
from recourse.model.webhooks import Post, Reached, TryOutcome

__all__ = ["Pushing", "push_key"]

_KEEP_S = 3_600
_GONE = frozenset({404, 410})
_TOO_MANY = 429
_LEAST_UNSURE = 500
_LEAST, _SPAN = 1, 2**250


class Pushing:
    """The channel to the browsers of customers.

    Parameters
    ----------
    secret : bytes
        Secret of the installation; the signing key is derived from it.
    subject : str
        Mail address of who runs the installation, for the push services.
    poster : Poster
        Does the posting, to public addresses only.
    """

    def __init__(self, *, secret: bytes, subject: str, poster: Poster) -> None:
        private = _private(secret)
        pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        public = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        self._push = WebPush(
            private_key=BytesIO(pem), public_key=BytesIO(public), subscriber=subject, ttl=_KEEP_S
        )
        self._poster = poster

    async def call(self, wanted: Call) -> Reached:
        """Push one notice to every browser that asked for it.

        Parameters
        ----------
        wanted : Call
            Its title and text; where to is endpoint and keys of each browser, one a line.

        Returns
        -------
        Reached
            Taken if one of them took it, else what is most worth another try; and who is gone.
        """
        browsers = [line.split(" ") for line in wanted.to.split("\n")]
        found = await asyncio.gather(*(self._call(wanted, *one) for one in browsers))
        gone = [
            one[0] for one, reached in zip(browsers, found, strict=True) if reached.status in _GONE
        ]
        return replace(min(found, key=_rank), gone=tuple(gone))

    async def _call(self, wanted: Call, endpoint: str, p256dh: str, auth: str) -> Reached:
        """Push one notice to one browser."""
        said = {
            "tag": wanted.key,
            "title": wanted.data["title"],
            "body": wanted.data["text"],
            "lang": wanted.data["locale"],
        }
        try:
            whose = WebPushSubscription.model_validate(
                {"endpoint": endpoint, "keys": {"p256dh": p256dh, "auth": auth}}
            )
            sealed = self._push.get(to_json(said), whose)
        except ValueError:
            return Reached(outcome=TryOutcome.REFUSED, detail="the browser's keys are no keys")
        headers = {
            **{str(name): str(value) for name, value in sealed.headers.items()},
            "content-type": "application/octet-stream",
            "urgency": "high",
            "topic": hashlib.sha256(wanted.key.encode()).hexdigest()[:32],
        }
        post = Post(url=endpoint, body=sealed.encrypted, headers=headers)
        return await self._poster.post(post)


def _rank(reached: Reached) -> int:
    """How much an answer counts among those of several browsers; the least counts."""
    if reached.outcome is TryOutcome.TAKEN:
        return 0
    if reached.outcome is TryOutcome.UNKNOWN or reached.status >= _LEAST_UNSURE:
        return 1
    return 2 if reached.outcome is TryOutcome.NOT_REACHED or reached.status == _TOO_MANY else 3


def push_key(secret: bytes) -> str:
    """Public key that a browser needs to take our messages, base64url.

    Parameters
    ----------
    secret : bytes
        Secret of the installation.

    Returns
    -------
    str
        An uncompressed point of P-256.

    Examples
    --------
    >>> len(push_key(b"a secret of the tests"))
    87
    """
    public = _private(secret).public_key()
    point = public.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return urlsafe_b64encode(point).rstrip(b"=").decode()


def _private(secret: bytes) -> ec.EllipticCurvePrivateKey:
    """The signing key of an installation: always the same for the same secret."""
    number = int.from_bytes(hashlib.sha512(b"web push\n" + secret).digest(), "big")
    return ec.derive_private_key(_LEAST + number % _SPAN, ec.SECP256R1())
