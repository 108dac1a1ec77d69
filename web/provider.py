"""Sign-in through the council's identity provider: OpenID Connect, authorisation code with PKCE.

Who somebody is follows from the provider's signature, for us, on an answer to the question we asked: issuer,
audience, state, nonce and age are checked, and a person is known by issuer and subject, never by a mail address
(reliability A.7: 6.8.2, 10.5.1, 10.5.2). The only connection out is to the provider that the settings name.

What speaks to it is loaded when it is first spoken to: an installation without one starts without.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from casework.errors import CaseworkError
from casework.settings import ProviderSettings, is_encrypted_or_here

if TYPE_CHECKING:
    from authlib.integrations.requests_client import OAuth2Session
    from joserfc.jwk import KeySet

BACK = "/sign-in/back"
_ALGORITHMS = ["RS256", "ES256", "PS256"]
_LEEWAY = 60  # seconds by which two machines' clocks may differ
_PATIENCE = 10.0
_KEPT = 3600.0  # seconds for which the provider's addresses and keys are not asked for again


class NotProven(CaseworkError):
    """The provider's answer does not show who it is."""


@dataclass(frozen=True, slots=True)
class Claims:
    """What the provider has signed of somebody."""

    issuer: str
    subject: str
    all: Mapping[str, Any]

    def words(self, name: str) -> tuple[str, ...]:
        """A claim as a list of words: one text, or several."""
        value = self.all.get(name)
        found = value if isinstance(value, list) else [value]
        return tuple(one for one in found if isinstance(one, str) and one)


class Provider:
    """The identity provider of one installation. Its addresses and keys are asked for when first needed."""

    def __init__(self, settings: ProviderSettings, *, base: str) -> None:
        self.settings = settings
        self._back = base + BACK
        self._lock = threading.Lock()
        self._known: dict[str, tuple[float, Any]] = {}

    def ask(self, *, now: datetime, again: bool = False) -> tuple[str, dict[str, str]]:
        """(address to go to, what has to be remembered until the answer comes). `again`: a fresh proof is wanted.

        Raises NotProven when the provider cannot be reached.
        """
        remembered = {
            "state": secrets.token_urlsafe(24),
            "nonce": secrets.token_urlsafe(24),
            "verifier": secrets.token_urlsafe(48),
            "asked": now.isoformat(),
            "again": "yes" if again else "",
        }
        more = {"prompt": "login", "max_age": "0"} if again else {}
        with self._client(remembered["state"]) as client:
            address, _ = client.create_authorization_url(
                self._metadata("authorization_endpoint"),
                state=remembered["state"],
                nonce=remembered["nonce"],
                code_verifier=remembered["verifier"],
                **more,
            )
        return str(address), remembered

    def answered(self, remembered: Mapping[str, str], *, query: str, now: datetime) -> Claims:
        """Who it is, from the query string with which the browser came back.

        Raises NotProven, in words, for anything that is not the signed answer to what was asked.
        """
        import requests
        from authlib.common.errors import AuthlibBaseError

        asked = datetime.fromisoformat(remembered["asked"])
        if now - asked > timedelta(minutes=15):
            raise NotProven("That took too long. Please begin again.")
        try:
            with self._client(remembered["state"]) as client:
                token = client.fetch_token(
                    self._metadata("token_endpoint"),
                    authorization_response=f"{self._back}?{query}",
                    code_verifier=remembered["verifier"],
                    timeout=_PATIENCE,
                    allow_redirects=False,
                )
        except (AuthlibBaseError, requests.RequestException, ValueError) as error:
            raise NotProven(_FAILED) from error
        signed = token.get("id_token")
        if not isinstance(signed, str):
            raise NotProven(_FAILED)
        return self._checked(signed, remembered, asked=asked, now=now)

    def _checked(self, signed: str, remembered: Mapping[str, str], *, asked: datetime, now: datetime) -> Claims:
        from joserfc import jwt
        from joserfc.errors import JoseError

        try:
            claims = self._opened(signed)
            jwt.JWTClaimsRegistry(
                now=int(now.timestamp()),
                leeway=_LEEWAY,
                iss={"essential": True, "value": self.settings.issuer},
                sub={"essential": True},
                aud={"essential": True, "value": self.settings.client_id},
                exp={"essential": True},
                iat={"essential": True},
                nonce={"essential": True, "value": remembered["nonce"]},
            ).validate(claims)
        except (JoseError, ValueError, TypeError) as error:
            raise NotProven(_FAILED) from error
        if claims.get("azp", self.settings.client_id) != self.settings.client_id or not isinstance(claims["sub"], str):
            raise NotProven(_FAILED)
        if remembered["again"]:
            proved = claims.get("auth_time")
            if not isinstance(proved, int) or proved < asked.timestamp() - _LEEWAY:
                raise NotProven("The sign-in page did not ask for your password again, so this is no fresh proof.")
        return Claims(claims["iss"], claims["sub"], claims)

    def _opened(self, signed: str) -> dict[str, Any]:
        """The claims, if one of the provider's keys has signed them; keys that have changed are asked for once."""
        from joserfc.errors import JoseError

        try:
            return self._verified(signed, self._keys())
        except (JoseError, ValueError):
            return self._verified(signed, self._keys(anew=True))

    @staticmethod
    def _verified(signed: str, keys: KeySet) -> dict[str, Any]:
        from joserfc import jwt

        return dict(jwt.decode(signed, keys, algorithms=_ALGORITHMS).claims)

    def _keys(self, *, anew: bool = False) -> KeySet:
        from joserfc.jwk import KeySet

        return KeySet.import_key_set(self._fetched(self._metadata("jwks_uri"), anew=anew))

    def _metadata(self, name: str) -> str:
        found = self._fetched(self.settings.issuer + "/.well-known/openid-configuration")
        address = found.get(name)
        if found.get("issuer") != self.settings.issuer or not isinstance(address, str):
            raise NotProven(_NOT_IT)
        if not is_encrypted_or_here(address):
            raise NotProven(_NOT_IT)
        return address

    def _fetched(self, address: str, *, anew: bool = False) -> Any:
        import requests

        with self._lock:
            at, found = self._known.get(address, (0.0, None))
            age = time.monotonic() - at
            if found is None or age > _KEPT or (anew and age > 1):
                try:
                    answer = requests.get(
                        address, timeout=_PATIENCE, allow_redirects=False, verify=self.settings.trusted
                    )
                    answer.raise_for_status()
                    found = answer.json()
                except (requests.RequestException, ValueError) as error:
                    raise NotProven(_AWAY) from error
                self._known[address] = (time.monotonic(), found)
            return found

    def _client(self, state: str) -> OAuth2Session:
        from authlib.integrations.requests_client import OAuth2Session

        secret = self.settings.secret()
        client = OAuth2Session(
            self.settings.client_id,
            secret,
            scope=self.settings.scopes,
            redirect_uri=self._back,
            state=state,
            code_challenge_method="S256",
            token_endpoint_auth_method="client_secret_post" if secret else "none",
        )
        client.verify = self.settings.trusted
        return client


_FAILED = (
    "The council's sign-in did not show who you are. Please try again; if it stays so, tell whoever runs the system."
)
_AWAY = "The council's sign-in cannot be reached now. Please try again in a few minutes."
_NOT_IT = "What answers as the council's sign-in is not what the settings name. Tell whoever runs the system."
