"""Who may come in, how a refusal looks, and what every answer wears."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from recourse.adapters.tiles import tile_at
from recourse.model.errors import Stale
from recourse.web import PROBLEMS
from tests.doors import Answer, Caller, courier, meal, open_platform, site


@pytest.fixture(scope="module")
def caller(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Caller]:
    application, _ = open_platform(tmp_path_factory.mktemp("platform"))
    opened = Caller(application.asgi)
    opened.call("POST", "/v1/sites", site("kitchen", "merchant", 2, 2))
    yield opened
    opened.close()
    application.close()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost:8000", "LOCALHOST", "[::1]:80"])
def test_this_machine_is_served(caller: Caller, host: str) -> None:
    assert caller.call("GET", "/healthz", host=host).status == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example", "localhost.evil.example", "127.0.0.1.nip.io", "", "[::1", "[::1]x", "::1"],
)
def test_a_foreign_host_is_turned_away(caller: Caller, host: str) -> None:
    refused = caller.call("GET", "/v1/state", host=host)
    assert (refused.status, refused.json["code"]) == (403, "foreign_host")


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "", "http://localhost:81", "ftp://localhost"]
)
def test_a_foreign_page_is_turned_away_even_if_it_only_reads(caller: Caller, origin: str) -> None:
    refused = caller.call("GET", "/v1/state", origin=origin)
    assert (refused.status, refused.json["code"]) == (403, "foreign_origin")


def test_a_page_of_this_very_host_may_call(caller: Caller) -> None:
    answer = caller.call("GET", "/v1/state", host="localhost:81", origin="http://localhost:81")
    assert answer.status == 200


REFUSED = {
    "no such path": ("GET", "/v1/nothing", b"", 404, "not_found"),
    "no such order": ("GET", "/v1/orders/o-1", b"", 404, "not_found"),
    "another method": ("BREW", "/healthz", b"", 405, "method_not_allowed"),
    "a slash too many": ("GET", "/v1/orders/", b"", 404, "not_found"),
    "no JSON": ("POST", "/v1/sites", b"{", 400, "bad_request"),
    "no UTF-8": ("POST", "/v1/sites", b'"\xff"', 400, "bad_request"),
    "too deep": ("POST", "/v1/sites", b"[" * 100_000, 400, "bad_request"),
    "too many digits": ("POST", "/v1/sites", b"1" * 10_000, 400, "bad_request"),
    "too large": ("POST", "/v1/sites", b" " * 1_048_577, 413, "too_large"),
    "an empty body": ("POST", "/v1/sites", b"", 422, "invalid"),
    "a list": ("POST", "/v1/sites", b"[]", 422, "invalid"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_every_refusal_is_a_problem_document(caller: Caller, name: str) -> None:
    method, path, content, status, code = REFUSED[name]
    refused = caller.send(method, path, content, {"content-type": "application/json"})
    assert refused.is_problem
    assert (refused.status, refused.json["code"]) == (status, code)
    assert refused.json["title"] == PROBLEMS[code].title


@pytest.mark.parametrize("media_type", ["text/plain", "application/jsonp", "application/xml"])
def test_another_content_type_is_not_read(caller: Caller, media_type: str) -> None:
    refused = caller.send("POST", "/v1/sites", b"{}", {"content-type": media_type})
    assert (refused.status, refused.json["code"]) == (415, "unsupported_media")


def test_a_body_without_a_length_is_cut_off_at_the_same_size(caller: Caller) -> None:
    headers = {"content-type": "application/json", "transfer-encoding": "chunked"}
    refused = caller.send("POST", "/v1/sites", headers=headers, chunks=[b" " * 65_536] * 17)
    assert (refused.status, refused.json["code"]) == (413, "too_large")


WRONG: dict[str, tuple[dict[str, object], str]] = {
    "an unknown field": ({"colour": "red"}, "colour"),
    "a NUL": ({"name": "a\x00b"}, "name"),
    "a lone surrogate": ({"name": "\ud800"}, "name"),
    "a number as text": ({"capacity_parcels": "5"}, "capacity_parcels"),
    "a number out of reach": ({"capacity_parcels": 2**63}, "capacity_parcels"),
    "no number": ({"place": {"lon": float("nan"), "lat": 0}}, "place.lon"),
    "off the globe": ({"place": {"lon": 181, "lat": 0}}, "place.lon"),
    "an id with a slash": ({"id": "a/b"}, "id"),
    "another kind": ({"kind": "castle"}, "kind"),
    "hours that run backwards": ({"opens_s": 600, "closes_s": 500}, ""),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_field_is_named(caller: Caller, name: str) -> None:
    change, param = WRONG[name]
    refused = caller.call("POST", "/v1/sites", site("s", "point") | change)
    assert (refused.status, refused.json["param"]) == (422, param)
    assert refused.json["errors"][0]["detail"] == refused.json["detail"]


@pytest.mark.parametrize(
    "instant",
    [
        "2026-03-02",
        "2026-03-02T16:00:00",
        "1999-12-31T23:59:59Z",
        "2100-01-01T00:00:00Z",
        "0001-01-01T00:00:00+14:00",
        1_772_467_200,
    ],
)
def test_an_instant_is_rfc_3339_with_an_offset_in_our_time(caller: Caller, instant: object) -> None:
    refused = caller.call("POST", "/v1/couriers", courier("k", shift_start_at=instant))
    assert (refused.status, refused.json["param"]) == (422, "shift_start_at")


def test_instants_of_any_offset_are_told_in_utc(caller: Caller) -> None:
    order = meal("offset") | {"pickup_ready_at": "2026-03-02T09:10:00-07:00"}
    assert caller.call("POST", "/v1/orders", order).json["pickup_ready_at"] == (
        "2026-03-02T16:10:00Z"
    )


def test_what_the_business_refuses_names_the_field(caller: Caller) -> None:
    refused = caller.call("POST", "/v1/orders", meal("x", site_id="nowhere"))
    assert (refused.status, refused.json["param"]) == (422, "pickup_site_id")


def test_a_mistake_of_ours_is_a_problem_document_without_its_inside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    application, _ = open_platform(tmp_path)
    caller = Caller(application.asgi)
    monkeypatch.setattr(type(application.platform.ids), "new", lambda *_: 1 / 0)
    caller.call("POST", "/v1/sites", site("kitchen", "merchant", 2, 2))
    failed = caller.call("POST", "/v1/orders", meal("a"))
    caller.close()
    application.close()
    assert failed.is_problem
    assert (failed.status, failed.json["code"]) == (500, "error")
    assert b"Zero" not in failed.content
    assert "ZeroDivisionError" in caplog.text


def test_a_lost_race_is_run_again_and_a_crowd_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    application, _ = open_platform(tmp_path)
    caller = Caller(application.asgi)
    store = type(application.platform.store)
    begin, losses = store.begin, [2]

    def begin_and_lose(self: object) -> object:
        if losses[0]:
            losses[0] -= 1
            raise Stale(kind="site", id="s", given=1)
        return begin(self)  # type: ignore[arg-type]

    monkeypatch.setattr(store, "begin", begin_and_lose)
    assert caller.call("POST", "/v1/sites", site("s", "point")).status == 201
    losses[0] = 5
    told = caller.call("POST", "/v1/sites", site("s", "point"))
    assert (told.status, told.json["code"], losses[0]) == (409, "stale", 0)
    caller.close()
    application.close()


WORN = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "x-frame-options": "DENY",
}


@pytest.mark.parametrize("path", ["/", "/v1/state", "/nothing", "/docs", "/static/x"])
def test_every_answer_is_dressed(caller: Caller, path: str) -> None:
    answer = caller.call("GET", path)
    assert WORN.items() <= answer.headers.items()
    policy = answer.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "worker-src 'self' blob:" in policy
    assert "http" not in policy


def test_a_tile_comes_gzipped_and_an_empty_one_as_nothing(caller: Caller) -> None:
    west, south, east, north = caller.call("GET", "/v1/city").json["bbox"]
    x, y = tile_at((west + east) / 2, (south + north) / 2, 14)
    tile = caller.call("GET", f"/tiles/14/{x}/{y}.mvt")
    assert (tile.status, tile.headers["content-encoding"]) == (200, "gzip")
    assert tile.content[:2] == b"\x1f\x8b"
    assert "max-age" in tile.headers["cache-control"]
    for path in ("/tiles/14/0/0.mvt", "/tiles/1/5/5.mvt"):
        assert _is_empty(caller.call("GET", path))
    assert caller.call("GET", "/tiles/23/0/0.mvt").status == 422


def _is_empty(answer: Answer) -> bool:
    return answer.status == 204 and not answer.content


def test_every_kind_of_refusal_is_explained_where_its_type_points(caller: Caller) -> None:
    page = caller.call("GET", "/docs/errors").content.decode()
    assert all(f'id="{code}"' in page for code in PROBLEMS)


BEGIN_A_SESSION = {"/v1/links", "/v1/sessions", "/v1/courier_sessions"}
"""Doors before which nobody is known yet, so that no key could be theirs."""


def test_every_endpoint_describes_itself_and_its_refusals(caller: Caller) -> None:
    document = caller.call("GET", "/openapi.json").json
    assert document["openapi"].startswith("3.1")
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            assert operation["summary"], path
            assert operation["description"], path
            problem = operation["responses"]["default"]["content"]["application/problem+json"]
            assert problem["schema"]["$ref"].endswith("/Problem")
            keys = {one["name"] for one in operation.get("parameters", [])}
            takes_key = method in {"post", "delete"} and path not in BEGIN_A_SESSION
            assert ("Idempotency-Key" in keys) == takes_key, (method, path)


def test_the_figures_count_requests_by_the_pattern_of_their_route(caller: Caller) -> None:
    caller.call("GET", "/v1/orders/none-1")
    caller.call("GET", "/anything/at/all")
    text = caller.call("GET", "/metrics").content.decode()
    assert 'route="/v1/orders/{order_id}",status="404"' in text
    assert 'route="unknown",status="404"' in text
    assert "none-1" not in text
    assert "anything" not in text
    assert "recourse_command_lag_seconds 0.0" in text


def test_pages_say_how_to_build_them_or_are_there(caller: Caller) -> None:
    for path in ("/", "/courier", "/track/any"):
        page = caller.call("GET", path)
        assert page.headers["content-type"].startswith("text/html")
        assert page.status == 200 or b"python3 dev.py" in page.content
