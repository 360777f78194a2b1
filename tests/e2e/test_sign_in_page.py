"""Signing in as people do it: a real browser, between a platform and a provider on another site."""

import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, expect

from recourse.web.city import STATIC
from tests.doors import open_platform
from tests.e2e.conftest import PATIENCE_MS
from tests.provider import IdentityServer, identity_server, write_oidc


@dataclass
class Town:
    """A served platform with locked doors, and the provider of its people."""

    base: str
    provider: IdentityServer
    city: str


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    assert (STATIC / "index.html").is_file(), "the pages are built by python3 dev.py test"
    door = socket.create_server(("127.0.0.1", 0))
    # Another name for the same machine is another site to a browser, as a provider always is.
    base = f"http://localhost:{door.getsockname()[1]}"
    with identity_server(has_page=True, person={"sub": "1", "groups": ["dispatch"]}) as provider:
        file = write_oidc(tmp_path, provider, address=base)
        application, clock = open_platform(tmp_path, has_open_doors=False, oidc_file=file)
        provider.now = clock.now().timestamp
        config = uvicorn.Config(
            application.asgi, log_level="warning", ws="none", timeout_graceful_shutdown=1
        )
        server = uvicorn.Server(config)
        serving = threading.Thread(target=server.run, kwargs={"sockets": [door]})
        serving.start()
        while not server.started:
            time.sleep(0.02)
        yield Town(base, provider, str(application.platform.city["name"]))
        server.should_exit = True
        serving.join()
        door.close()
        application.lanes.close()
        application.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(locale="en-GB")
    opened = context.new_page()
    opened.set_default_timeout(PATIENCE_MS)
    expect.set_options(timeout=PATIENCE_MS)
    yield opened
    context.close()


def test_a_dispatcher_comes_to_the_console_by_the_provider(town: Town, page: Page) -> None:
    page.goto(town.base)
    page.get_by_role("link", name="Sign in with Shop <login> · 用 Shop <login> 登录").click()
    expect(page.get_by_role("heading", name="Provider")).to_be_visible()
    page.get_by_role("link", name="Agree").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(town.city)
    assert page.url == f"{town.base}/"
    kept = {one["name"]: one for one in page.context.cookies()}
    assert set(kept) == {"recourse_session"}
    assert (kept["recourse_session"]["httpOnly"], kept["recourse_session"]["sameSite"]) == (
        True,
        "Strict",
    )
    page.goto(f"{town.base}/login")
    page.get_by_role("button", name="Log out · 退出登录").click()
    expect(page.get_by_role("button", name="Log out")).to_have_count(0)
    assert page.context.cookies() == []
    page.goto(town.base)
    assert page.url == f"{town.base}/login"


def test_who_has_no_role_here_reads_why_and_comes_back_to_the_login(town: Town, page: Page) -> None:
    town.provider.person["groups"] = ["staff"]
    page.goto(f"{town.base}/login")
    page.get_by_role("link", name="Sign in with").click()
    page.get_by_role("link", name="Agree").click()
    expect(page.get_by_role("alert")).to_contain_text("map one of your groups to a role")
    expect(page.get_by_text("还没有人给你分配角色")).to_be_visible()
    page.get_by_role("link", name="Back to the log-in").click()
    expect(page.get_by_label("Password")).to_be_visible()
    assert page.context.cookies() == []
