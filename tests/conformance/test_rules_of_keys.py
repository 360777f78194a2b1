"""Keys, codes, sessions and passwords: only their digests are kept."""

from dataclasses import replace

from recourse.model.keys import Account, ApiKey, LoginCode, Role, Scope, Session
from tests.conformance.refusals import refused
from tests.conformance.values import NOON, courier, later, opened, put

HALF_PAST = later(30)


def test_no_key_code_or_session_is_kept_as_it_is(store_url: str) -> None:
    key = ApiKey(
        id="k", merchant_id="shop", note="", digest="plain", scopes=(Scope.READ,), created_at=NOON
    )
    code = LoginCode(courier_id="c-1", digest="12345678", expires_at=HALF_PAST)
    session = Session(
        digest="token", role=Role.COURIER, subject_id="c-1", began_at=NOON, expires_at=HALF_PAST
    )
    with opened(store_url) as store:
        put(store, courier())
        assert refused(store, key) == "key_is_kept_as_a_digest"
        assert refused(store, code) == "code_is_kept_as_a_digest"
        assert refused(store, session) == "session_is_kept_as_a_digest"
        put(store, replace(key, digest="0" * 64), replace(code, digest="0" * 64))
        nobodys = replace(code, courier_id="c-9", digest="0" * 64)
        assert refused(store, nobodys) == "code_is_for_a_courier"


def test_a_password_is_kept_as_argon2id_and_an_account_has_a_role(store_url: str) -> None:
    account = Account(
        id="ada", role=Role.ADMIN, password_digest="$argon2id$v=19$x", created_at=NOON
    )
    with opened(store_url) as store:
        plain = replace(account, password_digest="a long password")
        assert refused(store, plain) == "password_is_kept_as_a_digest"
        assert refused(store, replace(account, role=Role.COURIER)) == "account_has_a_role"
        put(store, account)
