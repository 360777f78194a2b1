"""The customers' links."""

from hypothesis import given
from hypothesis import strategies as st

from recourse.web.tokens import sign, verify

SECRET = b"secret"


@given(st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._~:-]{0,63}", fullmatch=True))
def test_what_was_signed_is_read_back(order_id: str) -> None:
    assert verify(SECRET, sign(SECRET, order_id)) == order_id


@given(st.text(max_size=200))
def test_what_was_not_signed_is_nothing(token: str) -> None:
    assert verify(SECRET, token) == ""


@given(st.integers(0, 31), st.sampled_from("0123456789abcdef"))
def test_one_changed_digit_breaks_a_link(place: int, digit: str) -> None:
    token = sign(SECRET, "o-17")
    at = len("o-17.") + place
    forged = token[:at] + digit + token[at + 1 :]
    assert verify(SECRET, forged) == ("o-17" if forged == token else "")


def test_a_link_of_one_order_does_not_open_another() -> None:
    _, _, digest = sign(SECRET, "o-17").partition(".")
    assert verify(SECRET, f"o-18.{digest}") == ""


def test_an_order_without_a_name_has_no_link() -> None:
    assert verify(SECRET, sign(SECRET, "")) == ""
