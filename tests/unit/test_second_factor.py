"""Codes of an authenticator app: the worked examples of RFC 6238, and each code once."""

import base64
from datetime import UTC, datetime, timedelta

import pytest

from casework.who.second_factor import app_address, code_at, kept_code, new_recovery_codes, new_secret, step_of

SECRET = base64.b32encode(b"12345678901234567890").decode()
NOW = datetime(2025, 1, 6, 12, 0, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "code"),  # RFC 6238, appendix B, SHA1: the last six of eight digits
    [
        (59, "287082"),
        (1111111109, "081804"),
        (1111111111, "050471"),
        (1234567890, "005924"),
        (2000000000, "279037"),
        (20000000000, "353130"),
    ],
)
def test_the_examples_of_the_standard(seconds, code):
    assert code_at(SECRET, seconds // 30) == code


@pytest.mark.parametrize(("steps", "good"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_telephone_may_be_half_a_minute_off(steps, good):
    code = code_at(SECRET, int((NOW + timedelta(seconds=30 * steps)).timestamp()) // 30)

    assert (step_of(code, SECRET, now=NOW, after=None) is not None) == good


def test_a_code_is_good_once():
    step = int(NOW.timestamp()) // 30
    code = code_at(SECRET, step)

    assert step_of(f" {code[:3]} {code[3:]} ", SECRET, now=NOW, after=step - 1) == step
    assert step_of(code, SECRET, now=NOW, after=step) is None


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "١٢٣٤٥٦", "-12345"])
def test_what_is_no_code_is_none(typed):
    assert step_of(typed, SECRET, now=NOW, after=None) is None


def test_keys_and_recovery_codes_are_random_and_long_enough():
    assert len({new_secret() for _ in range(50)}) == 50
    assert len(base64.b32decode(new_secret())) == 20
    codes = new_recovery_codes()
    assert len(set(codes)) == 10
    assert kept_code(codes[0].upper().replace("-", " ")) == kept_code(codes[0])


def test_the_app_is_told_the_system_and_the_name():
    address = app_address(SECRET, system="SGO pathway", handle="a.khan")

    assert address == f"otpauth://totp/SGO%20pathway%3Aa.khan?secret={SECRET}&issuer=SGO%20pathway"
