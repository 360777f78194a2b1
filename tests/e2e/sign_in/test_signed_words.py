"""What a provider signs holds for us, now and for this try, and nothing else does."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.e2e.sign_in.house import KEY, OTHER, House, refused
from tests.provider import (
    CLIENT,
    ec_key,
    forged,
    rsa_key,
)

Spoil = Callable[[dict[str, Any]], dict[str, Any]]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda claims: claims | {"nonce": "of another try"},
        lambda claims: {k: v for k, v in claims.items() if k != "nonce"},
        lambda claims: claims | {"aud": "another client"},
        lambda claims: claims | {"aud": "another client", "azp": CLIENT},
        lambda claims: claims | {"aud": [CLIENT, "another client"]},
        lambda claims: claims | {"aud": []},
        lambda claims: {k: v for k, v in claims.items() if k != "aud"},
        lambda claims: claims | {"azp": "another client"},
        lambda claims: claims | {"iss": "https://another.example"},
        lambda claims: {k: v for k, v in claims.items() if k != "iss"},
        lambda claims: claims | {"exp": claims["iat"] - 61},
        lambda claims: claims | {"exp": float("nan")},
        lambda claims: {k: v for k, v in claims.items() if k != "exp"},
        lambda claims: {k: v for k, v in claims.items() if k != "iat"},
        lambda claims: claims | {"iat": claims["iat"] + 120},
        lambda claims: claims | {"nbf": claims["iat"] + 120},
        lambda claims: {k: v for k, v in claims.items() if k != "sub"},
        lambda claims: claims | {"sub": ""},
        lambda claims: claims | {"sub": "x" * 256},
        lambda claims: claims | {"sub": "a\x00b"},
        lambda claims: claims | {"sub": 7},
    ],
)
def test_a_word_that_is_not_for_us_now_and_for_this_try_does_not_hold(
    house: House, spoil: Spoil
) -> None:
    house.provider.spoil = spoil
    refused(house.browser().sign_in(), 401, "does not hold")
    assert house.accounts() == {}


def test_clocks_may_differ_by_a_little(house: House) -> None:
    house.provider.spoil = lambda claims: claims | {"exp": claims["iat"] - 30}
    assert house.browser().sign_in().status == 200
    house.provider.spoil = lambda claims: claims | {"iat": claims["iat"] + 30}
    assert house.browser().sign_in().status == 200


def test_several_audiences_hold_if_it_was_given_to_us(house: House) -> None:
    house.provider.spoil = lambda claims: claims | {"aud": [CLIENT, "other"], "azp": CLIENT}
    assert house.browser().sign_in().status == 200


def test_a_word_signed_by_a_foreign_key_does_not_hold(house: House) -> None:
    house.provider.signs_with = rsa_key("k-1")  # the same name, another key
    refused(house.browser().sign_in(), 401, "does not hold")
    house.provider.signs_with = rsa_key("k-9")
    refused(house.browser().sign_in(), 401, "does not hold")


@pytest.mark.parametrize("algorithm", ["none", "HS256"])
def test_a_word_that_anybody_could_have_signed_does_not_hold(house: House, algorithm: str) -> None:
    """No signature, or one with what the provider shows to everybody as the secret."""
    house.provider.gives = lambda given: forged(house.provider, given, algorithm)
    refused(house.browser().sign_in(), 401, "does not hold")


def test_a_key_that_was_changed_counts_at_once_and_the_old_one_no_more(house: House) -> None:
    assert house.browser().sign_in().status == 200
    house.provider.shown = [OTHER, KEY]
    house.provider.signs_with = OTHER
    assert house.browser().sign_in().status == 200
    house.provider.shown = [OTHER]
    house.provider.signs_with = KEY
    refused(house.browser().sign_in(), 401, "does not hold")


def test_elliptic_keys_hold_as_well(house: House) -> None:
    key = ec_key("e-1")
    house.provider.shown, house.provider.signs_with = [KEY, key], key
    house.provider.algorithm = "ES256"
    assert house.browser().sign_in().status == 200
