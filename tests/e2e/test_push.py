"""A browser is told what its customer is told: sealed for it alone, never at an address inside."""

import hashlib
import json
import socket
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpcore2
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.doors import Caller, courier, meal, open_platform, site
from tests.receivers import receiver, say

PUSH = '[[channel]]\nname = "push"\nover = "push"\nsubject = "ops@example.com"\n'


def text_of(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def bytes_of(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class Browser:
    """The keys of a browser, and how it opens what was sealed for it (RFC 8291, by hand)."""

    private: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    auth: bytes = b"sixteen bytes!!!"

    @property
    def point(self) -> bytes:
        public = self.private.public_key()
        return public.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    def asks(self, endpoint: str) -> dict[str, str]:
        return {"endpoint": endpoint, "p256dh": text_of(self.point), "auth": text_of(self.auth)}

    def open(self, body: bytes) -> Any:  # noqa: ANN401 - JSON
        salt, n_key = body[:16], body[20]
        theirs, sealed = body[21 : 21 + n_key], body[21 + n_key :]
        public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), theirs)
        shared = self.private.exchange(ec.ECDH(), public)
        info = b"WebPush: info\0" + self.point + theirs
        key = derived(shared, self.auth, info, 32)
        content_key = derived(key, salt, b"Content-Encoding: aes128gcm\0", 16)
        nonce = derived(key, salt, b"Content-Encoding: nonce\0", 12)
        plain = AESGCM(content_key).decrypt(nonce, sealed, None)
        return json.loads(plain.rstrip(b"\0")[:-1])


def derived(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(hashes.SHA256(), length, salt, info).derive(secret)


@dataclass
class House:
    """A platform that pushes, with an order that somebody carries."""

    caller: Caller
    application: Any
    order_id: str
    token: str
    courier_id: str

    def call(self, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401
        bearer = {"authorization": f"Bearer {self.token}"} if "/v1/track/" in path else {}
        return self.caller.call(method, path, body, **bearer)

    def drop(self) -> None:
        path = f"/v1/couriers/{self.courier_id}/withdraw"
        self.call("POST", path, {"code": "vehicle_breakdown"})
        self.application.work()
        while self.application.messenger.work():
            pass

    def errands(self) -> list[dict[str, Any]]:
        found = self.call("GET", f"/v1/orders/{self.order_id}/errands").json["errands"]
        return [one for one in found if one["what"] == "courier_lost"]


def opened(folder: Path, url: str, **changes: Any) -> House:  # noqa: ANN401
    file = folder / "peers.toml"
    file.write_text(PUSH)
    application, _ = open_platform(folder, url, peers_file=file, **changes)
    caller = Caller(application.asgi)
    caller.call("POST", "/v1/sites", site("kitchen", "merchant", 2, 2))
    for name in ("bo", "mei"):
        caller.call("POST", "/v1/couriers", courier(name))
        caller.call("POST", f"/v1/couriers/{name}/duty", {"on": True})
    order = caller.call("POST", "/v1/orders", meal("a")).json
    application.work()
    messages = caller.call("GET", "/v1/messages").json["messages"]
    offer = next(one for one in messages if one["kind"] == "offer")
    caller.call("POST", f"/v1/offers/{offer['data']['offer_id']}/accept")
    application.work()
    who = offer["to"].removeprefix("courier:")
    return House(caller, application, order["id"], order["track_token"], who)


def closed(house: House) -> None:
    house.caller.close()
    house.application.close()


def test_a_browser_that_asks_is_told_and_only_it_can_read(store_url: str, tmp_path: Path) -> None:
    house, browser = opened(tmp_path, store_url, has_local_webhooks=True), Browser()
    with receiver() as service:
        service.answer = say(201)
        path = f"/v1/track/{house.order_id}/push"
        assert house.call("POST", path, browser.asks(service.url)).status == 204
        assert house.call("POST", path, browser.asks(service.url)).status == 204
        house.drop()
        first = service.heard[0]
        said = browser.open(first.body)
        assert said["tag"].endswith("@push")
        assert "the courier's vehicle cannot go on" in said["body"]
        assert said["title"] == "About your order"
        assert first.headers["content-encoding"] == "aes128gcm"
        assert {one["state"] for one in house.errands()} == {"done"}
    closed(house)


def test_what_is_pushed_is_signed_with_the_key_the_page_gives(
    store_url: str, tmp_path: Path
) -> None:
    house, browser = opened(tmp_path, store_url, has_local_webhooks=True), Browser()
    with receiver() as service:
        service.answer = say(201)
        house.call("POST", f"/v1/track/{house.order_id}/push", browser.asks(service.url))
        house.drop()
        header = service.heard[0].headers["authorization"]
    parts = dict(part.strip().split("=", 1) for part in header.removeprefix("vapid ").split(","))
    shown = house.call("GET", f"/v1/track/{house.order_id}").json["push_key"]
    assert parts["k"].rstrip("=") == shown
    public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), bytes_of(shown))
    head, claimed, signature = parts["t"].split(".")
    r, s = (int.from_bytes(bytes_of(signature)[i : i + 32], "big") for i in (0, 32))
    signed = f"{head}.{claimed}".encode()
    public.verify(encode_dss_signature(r, s), signed, ec.ECDSA(hashes.SHA256()))
    claims = json.loads(bytes_of(claimed))
    # The port of a push service is always the usual one, and the library leaves it out.
    assert claims["aud"] == "http://127.0.0.1"
    closed(house)


def test_an_address_inside_is_never_called(
    store_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house, browser = opened(tmp_path, store_url), Browser()
    path = f"/v1/track/{house.order_id}/push"
    for endpoint in ("http://127.0.0.1:1/x", "https://169.254.169.254/x", "https://10.0.0.1/x"):
        assert house.call("POST", path, browser.asks(endpoint)).status == 422
    # A name that looks public and leads inside is found out when it is called.
    resolved, called = socket.getaddrinfo, list[str]()

    def leads_inside(host: str, *args: Any, **more: Any) -> Any:  # noqa: ANN401
        return resolved("127.0.0.1" if host == "push.example.com" else host, *args, **more)

    async def connect(_: object, host: str, *__: object) -> Any:  # noqa: ANN401
        called.append(host)
        raise httpcore2.ConnectError

    monkeypatch.setattr(socket, "getaddrinfo", leads_inside)
    monkeypatch.setattr(httpcore2.AnyIOBackend, "connect_tcp", connect)
    assert house.call("POST", path, browser.asks("https://push.example.com/x")).status == 204
    house.drop()
    assert called == []
    tries = [tried for one in house.errands() for tried in one["tries"]]
    assert tries
    assert {one["outcome"] for one in tries} == {"not_reached"}
    assert all("which is not called from here" in one["detail"] for one in tries)
    assert {one["state"] for one in house.errands()} == {"waiting"}
    closed(house)


def test_a_browser_that_is_gone_is_not_called_again(store_url: str, tmp_path: Path) -> None:
    house, browser = opened(tmp_path, store_url, has_local_webhooks=True), Browser()
    with receiver() as service:
        service.answer = say(410)
        house.call("POST", f"/v1/track/{house.order_id}/push", browser.asks(service.url))
        house.drop()
        assert {one["state"] for one in house.errands()} == {"refused"}
        with house.application.platform.store.begin() as tx:
            (kept,) = tx.push_subscriptions(house.order_id)
        assert kept.ended_at is not None
        assert len(service.heard) == 1
    closed(house)


def test_every_browser_is_told_and_one_that_is_gone_takes_no_other_with_it(
    store_url: str, tmp_path: Path
) -> None:
    house, first, last = opened(tmp_path, store_url, has_local_webhooks=True), Browser(), Browser()
    path = f"/v1/track/{house.order_id}/push"
    with receiver() as phone, receiver() as laptop:
        phone.answer, laptop.answer = say(201), say(410)
        for browser, service in ((first, phone), (last, laptop)):
            assert house.call("POST", path, browser.asks(service.url)).status == 204
        house.drop()
        tags = [
            browser.open(at.heard[0].body)["tag"]
            for browser, at in ((first, phone), (last, laptop))
        ]
        assert tags[0] == tags[1]
        assert {one["state"] for one in house.errands()} == {"done"}
        with house.application.platform.store.begin() as tx:
            kept = tx.push_subscriptions(house.order_id)
        assert {one.endpoint for one in kept if one.ended_at is None} == {phone.url}
    closed(house)


def test_browsers_that_were_taken_back_make_room_for_others(tmp_path: Path) -> None:
    house, browser = opened(tmp_path, "", has_local_webhooks=True), Browser()
    path = f"/v1/track/{house.order_id}/push"
    for number in range(12):
        asks = browser.asks(f"http://127.0.0.1:9/{number}")
        assert house.call("POST", path, asks).status == 204
        assert house.call("POST", f"{path}/end", {"endpoint": asks["endpoint"]}).status == 204
    for number in range(12, 20):
        asks = browser.asks(f"http://127.0.0.1:9/{number}")
        assert house.call("POST", path, asks).status == 204
    for number in (0, 20):
        asks = browser.asks(f"http://127.0.0.1:9/{number}")
        assert house.call("POST", path, asks).status == 403
    closed(house)


def test_a_browser_that_wants_no_more_is_told_no_more(store_url: str, tmp_path: Path) -> None:
    house, browser = opened(tmp_path, store_url, has_local_webhooks=True), Browser()
    with receiver() as service:
        path = f"/v1/track/{house.order_id}/push"
        house.call("POST", path, browser.asks(service.url))
        assert house.call("POST", f"{path}/end", {"endpoint": service.url}).status == 204
        house.drop()
        assert service.heard == []
    closed(house)


def test_the_key_of_the_page_comes_from_the_secret_and_says_nothing_of_it(tmp_path: Path) -> None:
    house = opened(tmp_path, "")
    shown = house.call("GET", f"/v1/track/{house.order_id}").json["push_key"]
    assert hashlib.sha256(b"a secret of the tests").hexdigest() not in shown
    assert len(bytes_of(shown)) == 65
    closed(house)
