"""Passwords of local accounts: long enough, not one that everybody guesses, and kept as Argon2id only.

As the National Cyber Security Centre says: length is asked for, composition is not, and nothing expires. What is
refused is what attackers try first, and what can be read off the person or the system.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

LONGEST = 200  # of what is hashed: longer ones would only cost time
_WORDS = """
password passwort passw0rd p@ssword p@ssw0rd letmein welcome qwerty qwertz qwertyuiop asdfghjkl zxcvbnm iloveyou
admin administrator changeme change default secret monkey dragon football liverpool arsenal chelsea sunshine
princess superman batman master shadow trustno1 hello starwars computer internet whatever summer winter spring
autumn january february march april june july august september october november december monday friday london
england council county social worker socialworker children childrens guardian guardianship family permanence
pathway sgo login signin account test testing user mypassword thisismypassword correcthorsebatterystaple
abc abcd abcdef abcdefghijkl letmeinplease nopassword temporary
"""
_GUESSED = frozenset(_WORDS.split())
_KEYS = ("qwertyuiopasdfghjklzxcvbnm", "qwertzuiopasdfghjklyxcvbnm")
_ROWS = (*_KEYS, "abcdefghijklmnopqrstuvwxyz", "01234567890123456789")
_LEET = str.maketrans("0134$5@7!", "oieassati")


def fault_of_password(password: str, *, shortest: int, about: Iterable[str] = ()) -> str | None:
    """What is wrong with a new password, in words, or None. `about`: the person's and the system's names."""
    typed = unicodedata.normalize("NFKC", password)
    if len(typed) < shortest:
        return f"Use at least {shortest} characters. Three words that have nothing to do with each other do well."
    if len(typed) > LONGEST:
        return f"Use at most {LONGEST} characters."
    if len(set(typed.casefold())) < 5:
        return "Use more than four different characters."
    plain = _letters(typed.casefold())
    if _in_a_row(plain):
        return "These characters stand in a row on the keyboard or in the alphabet: choose others."
    for name in about:
        own = _letters(name.casefold())
        if len(own) >= 4 and len(plain.replace(own, "")) < 6:
            return "This is made of your name or the system's: choose something nobody would guess of you."
    if any(_is_guessed(word) for word in (plain, _letters(typed.casefold().translate(_LEET)))):
        return "This is among the first that somebody would try: choose another."
    return None


def hashed(password: str) -> str:
    """The password as it is kept."""
    return _hasher().hash(unicodedata.normalize("NFKC", password)[:LONGEST])


def is_password(kept: str | None, typed: str) -> bool:
    """Whether it is the password. Takes as long where there is none, so that time tells nothing of an account."""
    try:
        _hasher().verify(kept or _nobodys(), unicodedata.normalize("NFKC", typed)[:LONGEST])
    except (VerificationError, InvalidHashError):
        return False
    return kept is not None


def _letters(text: str) -> str:
    return re.sub(r"[\W_]+", "", text)


def _is_guessed(plain: str) -> bool:
    """Nothing but words that everybody tries, digits and repetition."""
    left = re.sub(r"\d+", "", plain)
    for word in sorted(_GUESSED, key=len, reverse=True):
        left = left.replace(word, "")
    return len(left) < 3


def _in_a_row(plain: str) -> bool:
    return any(plain in row * 3 or plain in row[::-1] * 3 for row in _ROWS)


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher()  # the library's defaults follow RFC 9106


@cache
def _nobodys() -> str:
    return _hasher().hash("nobody has this password")
