"""Which passwords are refused, and how they are kept (reliability C25; NCSC: length, no composition, a blocklist)."""

import pytest

from casework.who.passwords import fault_of_password, hashed, is_password

ABOUT = ("a.khan", "Amina Khan", "Khan", "SGO pathway")


@pytest.mark.parametrize(
    "password",
    ["hedgehog kettle violin", "hedgehogkettleviolin", "Übermut tut selten gut", "aaaa bbbb cccc dd ee"],
)
def test_length_is_enough(password):
    assert fault_of_password(password, shortest=12, about=ABOUT) is None


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("kettle violi", None),
        ("kettle viol", "at least 12"),
        ("k" * 201, "at most 200"),
        ("abababababab", "different characters"),
        ("qwertyuiopasd", "in a row"),
        ("0123456789012", "in a row"),
        ("Password123456", "first that somebody would try"),
        ("P@ssw0rd-2026!", "first that somebody would try"),
        ("summer-winter-2026", "first that somebody would try"),
        ("amina.khan.1990", "your name"),
        ("SGO pathway 1", "your name"),
    ],
)
def test_what_is_short_or_guessed_first_is_refused_in_words(password, said):
    fault = fault_of_password(password, shortest=12, about=ABOUT)

    assert (fault is None) if said is None else (said in fault)


def test_a_password_is_kept_as_argon2id_and_in_no_other_way():
    kept = hashed("hedgehog kettle violin")

    assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert is_password(kept, "hedgehog kettle violin")
    assert not is_password(kept, "hedgehog kettle violins")
    assert hashed("hedgehog kettle violin") != kept


def test_the_same_word_in_another_spelling_of_unicode_is_the_same_password():
    assert is_password(hashed("Caf\u00e9 kettle violin"), "Cafe\u0301 kettle violin")


def test_nobodys_password_is_compared_as_slowly_and_never_right():
    assert not is_password(None, "nobody has this password")
