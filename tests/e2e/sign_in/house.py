"""A house whose people sign in with a provider: what every test of it uses."""

from dataclasses import dataclass, field
from http.client import HTTPConnection
from urllib.parse import urlencode, urlsplit

from recourse.adapters.clock import ManualClock
from recourse.app import Application
from recourse.model.keys import Role
from tests.doors import Answer, Caller
from tests.provider import (
    ADDRESS,
    IdentityServer,
    rsa_key,
)

PASSWORD = "a long enough password"
MEI = {"sub": "248289761001", "preferred_username": "mei.lin", "groups": ["staff", "dispatch"]}
KEY, OTHER = rsa_key("k-1"), rsa_key("k-2")


def visit(address: str) -> str:
    """Go to the provider, whose person is always there and agrees; where one is sent then."""
    parts = urlsplit(address)
    line = HTTPConnection(parts.netloc, timeout=10)
    line.request("GET", f"{parts.path}?{parts.query}")
    sent = line.getresponse()
    sent.read()
    line.close()
    assert sent.status == 302
    return sent.headers["location"]


@dataclass
class Browser:
    """Keeps cookies, and goes where it is sent: to us in process, to the provider over HTTP."""

    caller: Caller
    cookies: dict[str, str] = field(default_factory=dict)

    def get(self, path: str, **headers: str) -> Answer:
        if self.cookies:
            headers["cookie"] = "; ".join(f"{k}={v}" for k, v in self.cookies.items())
        answer = self.caller.call("GET", path, **headers)
        for cookie in answer.cookies:
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value.strip('"')
        return answer

    def leave(self) -> str:
        """Begin, and say where the provider sends us back to."""
        away = self.get("/login/oidc")
        assert away.status == 303, away
        back = urlsplit(visit(away.headers["location"]))
        assert f"{back.scheme}://{back.netloc}" == ADDRESS
        return f"{back.path}?{back.query}"

    def sign_in(self) -> Answer:
        return self.get(self.leave())


@dataclass
class House:
    """A platform with locked doors, beside a provider that knows Mei."""

    application: Application
    clock: ManualClock
    provider: IdentityServer
    caller: Caller

    def browser(self) -> Browser:
        return Browser(self.caller)

    def sees(self, answer: Answer) -> int:
        """What the answer's session opens: the status of a door of the office."""
        token = session_in(answer)
        return self.caller.call("GET", "/v1/state", cookie=f"recourse_session={token}").status

    def accounts(self) -> dict[str, Role]:
        with self.application.platform.store.begin() as tx:
            return {name: one.role for name, one in tx.accounts().items()}


def callback(**said: str) -> str:
    return f"/login/oidc/callback?{urlencode(said)}"


def session_in(answer: Answer) -> str:
    found = [one for one in answer.cookies if one.startswith("recourse_session=")]
    return found[0].partition(";")[0].partition("=")[2] if found else ""


def refused(answer: Answer, status: int, words: str) -> None:
    """Nobody was signed in, and the page says why in both languages, with the way back."""
    page = answer.content.decode()
    assert (answer.status, session_in(answer)) == (status, ""), page
    assert words in page
    assert 'lang="zh"' in page
    assert 'href="/login"' in page
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
