"""A platform with locked doors: what every test of a key uses."""

from dataclasses import dataclass, field

from recourse.adapters.clock import ManualClock
from recourse.adapters.passwords import digest_password
from recourse.app import Application
from recourse.flow import keys
from recourse.model.keys import Role, Scope
from tests.doors import Answer, Caller

PASSWORD = "a long enough password"
DIGEST = digest_password(PASSWORD)
NAMES = {"vera": Role.VIEWER, "dora": Role.DISPATCHER, "ada": Role.ADMIN}


@dataclass
class House:
    """A platform with locked doors, and a key of every kind."""

    application: Application
    clock: ManualClock
    caller: Caller
    credentials: dict[str, str] = field(default_factory=dict)
    order_ids: dict[str, str] = field(default_factory=dict)
    hook_ids: dict[str, str] = field(default_factory=dict)
    offer_id: str = ""

    def call(self, who: str, method: str, path: str, body: object = None, **headers: str) -> Answer:
        if who:
            headers["authorization"] = f"Bearer {self.credentials[who]}"
        return self.caller.call(method, path, body, **headers)

    def login(self, name: str, password: str = PASSWORD) -> Answer:
        body = {"account": name, "password": password}
        return self.call("", "POST", "/v1/sessions", body)

    def key(self, merchant_id: str, *scopes: Scope) -> str:
        with self.application.platform.store.begin() as tx:
            return keys.make_key(
                tx,
                merchant_id=merchant_id,
                secret=f"secret-of-{merchant_id}",
                key_id=f"{merchant_id}-{len(scopes)}",
                scopes=scopes or tuple(Scope),
                now=self.clock.now(),
            )

    def courier_in(self, name: str) -> str:
        code = self.call("dora", "POST", f"/v1/couriers/{name}/login_code").json["code"]
        body = {"courier_id": name, "code": code}
        return str(self.call("", "POST", "/v1/courier_sessions", body).json["token"])
