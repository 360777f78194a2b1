"""Nothing inside is ever called, whatever a name leads to or an answer does."""

import asyncio
import socket
import time
from http.server import BaseHTTPRequestHandler
from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recourse.adapters.webhooks import Poster
from recourse.adapters.webhooks.guard import is_public
from recourse.flow.addresses import checked_address
from recourse.model.errors import Invalid
from recourse.model.webhooks import Post, Reached, TryOutcome
from tests.receivers import receiver

INSIDE = [
    "0.0.0.0",
    "10.1.2.3",
    "100.100.100.200",
    "127.0.0.1",
    "127.255.255.254",
    "168.63.129.16",
    "169.254.169.254",
    "172.16.0.1",
    "192.168.0.1",
    "192.0.0.192",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "2002:7f00:1::",
    "2001:0:7f00:1::",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fec0::1",
    "ff02::1",
]


def post(poster: Poster, url: str) -> Reached:
    return asyncio.run(poster.post(Post(url=url, body=b"{}", headers={})))


@pytest.mark.parametrize("address", INSIDE)
def test_an_address_inside_is_not_public(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("address", ["1.1.1.1", "93.184.216.34", "2606:4700::1111"])
def test_an_address_outside_is_public(address: str) -> None:
    assert is_public(ip_address(address))


@given(st.ip_addresses(v=4))
def test_wrapping_an_address_changes_nothing(address: object) -> None:
    inner = ip_address(str(address))
    assert is_public(ip_address(f"::ffff:{inner}")) == is_public(inner)
    assert is_public(ip_address(int(ip_address("64:ff9b::")) + int(inner))) == is_public(inner)


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "2130706433", "0x7f000001", "0177.0.0.1", "127.1", "[::1]"]
)
def test_a_name_that_leads_inside_is_not_connected_to(host: str) -> None:
    with receiver() as inside:
        port = inside.url.rpartition(":")[2].partition("/")[0]
        reached = post(Poster(), f"https://{host}:{port}/")
        assert reached.outcome is TryOutcome.NOT_REACHED
        assert inside.heard == []


def test_a_name_with_one_address_outside_and_one_inside_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def two(*_: object, **__: object) -> list[object]:
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443))
            for address in ("93.184.216.34", "10.0.0.7")
        ]

    monkeypatch.setattr(socket, "getaddrinfo", two)
    reached = post(Poster(), "https://shop.example/")
    assert reached.outcome is TryOutcome.NOT_REACHED
    assert "10.0.0.7" in reached.detail


def test_a_name_is_resolved_once_so_that_it_cannot_be_rebound(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[object] = []
    connected: list[object] = []

    def first_outside_then_inside(host: object, *_: object, **__: object) -> list[object]:
        asked.append(host)
        address = "192.0.2.1" if len(asked) > 1 else "93.184.216.34"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443))]

    async def refuse(_: object, host: str, *__: object) -> None:
        connected.append(host)
        raise OSError

    import httpcore2  # noqa: PLC0415

    monkeypatch.setattr(socket, "getaddrinfo", first_outside_then_inside)
    monkeypatch.setattr(httpcore2.AnyIOBackend, "connect_tcp", refuse)
    post(Poster(), "https://shop.example/")
    assert (asked, connected) == (["shop.example"], ["93.184.216.34"])


def test_an_answer_that_drips_ends_at_the_deadline() -> None:
    with receiver() as slow:

        def drip(handler: BaseHTTPRequestHandler, _: int) -> None:
            try:
                for _ in range(100):
                    handler.wfile.write(b"H")
                    handler.wfile.flush()
                    time.sleep(0.05)
            except OSError:
                pass
            handler.close_connection = True

        slow.answer = drip
        began_s = time.perf_counter()
        reached = post(Poster(is_local=True, deadline_s=0.5), slow.url)
        assert time.perf_counter() - began_s < 3
        assert reached.outcome is TryOutcome.UNKNOWN


def test_an_answer_without_end_is_not_read_to_its_end() -> None:
    with receiver() as endless:

        def pour(handler: BaseHTTPRequestHandler, _: int) -> None:
            handler.send_response(200)
            handler.send_header("content-length", str(1 << 30))
            handler.end_headers()
            try:
                for _ in range(16_384):
                    handler.wfile.write(bytes(65_536))
            except OSError:
                pass
            handler.close_connection = True

        endless.answer = pour
        began_s = time.perf_counter()
        reached = post(Poster(is_local=True, deadline_s=5), endless.url)
        assert (reached.outcome, reached.status) == (TryOutcome.TAKEN, 200)
        assert time.perf_counter() - began_s < 3


def test_plain_http_is_not_called_unless_development_says_so() -> None:
    with receiver() as plain:
        assert post(Poster(), plain.url).outcome is TryOutcome.NOT_REACHED
        assert plain.heard == []
        assert post(Poster(is_local=True), plain.url).outcome is TryOutcome.TAKEN


@pytest.mark.parametrize(
    "url",
    [
        "http://shop.example/",
        "https://shop.example:8443/",
        "https://user:pass@shop.example/",
        "https://shop.example/#part",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://169.254.169.254/latest",
        "https://localhost/",
        "https://intranet/",
        "ftp://shop.example/",
        "https://shop.example:99999/",
        "https://",
        "file:///etc/passwd",
    ],
)
def test_an_address_that_cannot_be_outside_is_not_registered(url: str) -> None:
    with pytest.raises(Invalid):
        checked_address(url, is_local=False)


def test_an_address_outside_is_registered() -> None:
    assert checked_address("https://shop.example/hooks?x=1", is_local=False)
