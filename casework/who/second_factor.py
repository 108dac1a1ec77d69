"""The code of an authenticator app (RFC 6238), and the codes for the day the telephone is lost."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import struct
from datetime import datetime

STEP_SECONDS = 30
DIGITS = 6
RECOVERY_CODES = 10
_AROUND = (0, -1, 1)  # steps: a telephone's clock may be half a minute off
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # read from paper without mistakes


def new_secret() -> str:
    """A random key of 160 bits, as it is typed into an app: base32, without padding."""
    return base64.b32encode(secrets.token_bytes(20)).decode()


def in_fours(secret: str) -> str:
    """A key as people read it: groups of four."""
    return " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))


def code_at(secret: str, step: int) -> str:
    """The code of a step of 30 seconds, counted from 1970 (RFC 4226, 5.3)."""
    digest = hmac.new(base64.b32decode(secret), struct.pack(">Q", step), hashlib.sha1).digest()
    offset = digest[-1] & 0x0F
    number = struct.unpack(">I", digest[offset : offset + 4])[0] & 0x7FFFFFFF
    return f"{number % 10**DIGITS:0{DIGITS}d}"


def step_of(code: str, secret: str, *, now: datetime, after: int | None) -> int | None:
    """The step whose code this is, or None. A code of a step not later than `after` has been used: refused."""
    typed = "".join(code.split())
    current = int(now.timestamp()) // STEP_SECONDS
    if not (typed.isascii() and typed.isdigit()):
        return None
    for step in (current + away for away in _AROUND):
        if hmac.compare_digest(code_at(secret, step), typed) and (after is None or step > after):
            return step
    return None


def app_address(secret: str, *, system: str, handle: str) -> str:
    """What an authenticator app on the same telephone opens: otpauth://…"""
    from urllib.parse import quote, urlencode

    label = quote(f"{system}:{handle}", safe="")
    return f"otpauth://totp/{label}?{urlencode({'secret': secret, 'issuer': system}, quote_via=quote)}"


def new_recovery_codes() -> list[str]:
    """Ten codes of 59 bits, shown once."""
    return [
        "-".join("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(3)) for _ in range(RECOVERY_CODES)
    ]


def kept_code(code: str) -> str:
    """A recovery code as it is kept: how it was typed makes no difference."""
    return hashlib.sha256("".join(c for c in code.casefold() if c.isalnum()).encode()).hexdigest()
