"""Keys, codes, sessions and passwords: only digests are kept; an identity is one account."""

from dataclasses import replace

import pytest

from recourse.model.errors import Conflict
from recourse.model.keys import (
    NO_PASSWORD,
    Account,
    ApiKey,
    Identity,
    LoginCode,
    Role,
    Scope,
    Session,
)
from tests.conformance.refusals import refused
from tests.conformance.values import NOON, courier, later, opened, put, written

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


def test_an_identity_is_one_account_and_an_account_one_identity(store_url: str) -> None:
    accounts = [
        Account(id=name, role=Role.VIEWER, password_digest=NO_PASSWORD, created_at=NOON)
        for name in ("sso:mei", "sso:bo")
    ]
    mei = Identity(account_id="sso:mei", issuer="https://i", subject="1", began_at=NOON)
    with opened(store_url) as store:
        put(store, *accounts, mei)
        again = replace(mei, account_id="sso:bo")
        assert refused(store, again) == "identity_is_known_once"
        with pytest.raises(Conflict):
            put(store, replace(mei, subject="2"))
        put(store, replace(again, issuer="https://j"))
        for nobody in (replace(again, issuer=""), replace(again, subject="")):
            assert refused(store, nobody) == "identity_names_somebody"
        lost = replace(mei, account_id="sso:none", subject="3")
        assert refused(store, lost) == "identity_has_an_account"
        with store.begin() as tx:
            assert tx.identity("https://i", "1") == written(mei)
            assert tx.identity("https://i", "2") is None
            assert set(tx.identities()) == {"sso:mei", "sso:bo"}
