"""An identity provider on this machine: OpenID Connect over real HTTP, in the shape of Entra ID, and its faults.

    with a_provider() as provider:
        provider.person = {"sub": "s-1", "roles": ["sgo.manager"]}
        back = provider.browse(address_our_page_sent_us_to)      # the query string it sends the browser back with

It signs what it is told to sign: each attribute of `Lies` is one way in which an answer is not the right one.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import requests
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey
from werkzeug.wrappers import Request, Response

from tests.answering import answering

CLIENT, SECRET = "sgo-pages", "a secret between the two"


@dataclass
class Lies:
    """What is other than it should be in the next answers; a claim of None is left out."""

    claims: dict[str, Any] = field(default_factory=dict)
    algorithm: str = "RS256"
    another_key: bool = False
    metadata: dict[str, Any] = field(default_factory=dict)
    no_token: bool = False


@dataclass
class IdentityProvider:
    """One provider with one client. `now` is its clock."""

    address: str
    now: Callable[[], datetime]
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "one"}))
    person: dict[str, Any] = field(default_factory=lambda: {"sub": "nobody"})
    lies: Lies = field(default_factory=Lies)
    asked: list[dict[str, str]] = field(default_factory=list)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def issuer(self) -> str:
        """Who signs, as Entra ID writes it: an address with the tenant in it."""
        return f"{self.address}/tenant/v2.0"

    def browse(self, location: str) -> str:
        """What a browser does that is sent to the provider and back; answers the query string it comes back with."""
        answer = requests.get(location, allow_redirects=False, timeout=10)
        assert answer.status_code == 302, answer.text
        return urlsplit(answer.headers["Location"]).query

    def __call__(self, environ: Any, start: Any) -> Any:
        request = Request(environ)
        pages = {
            "/tenant/v2.0/.well-known/openid-configuration": self._metadata,
            "/authorize": self._authorize,
            "/token": self._token,
            "/keys": lambda _request: _json(KeySet([self.key]).as_dict(private=False)),
        }
        page = pages.get(request.path, lambda _request: Response("no such page", 404))
        return page(request)(environ, start)

    def _metadata(self, _request: Request) -> Response:
        found = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.address}/authorize",
            "token_endpoint": f"{self.address}/token",
            "jwks_uri": f"{self.address}/keys",
        }
        return _json(found | self.lies.metadata)

    def _authorize(self, request: Request) -> Response:
        given = dict(request.args)
        self.asked.append(given)
        assert given["client_id"] == CLIENT
        assert given["response_type"] == "code"
        assert given["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe(16)
        self.codes[code] = given
        back = urlencode({"code": code, "state": given["state"]})
        return Response(status=302, headers={"Location": f"{given['redirect_uri']}?{back}"})

    def _token(self, request: Request) -> Response:
        given = request.form
        asked = self.codes.pop(given.get("code", ""), None)  # a code is good once
        if asked is None or given.get("client_id") != CLIENT or given.get("client_secret") != SECRET:
            return _json({"error": "invalid_grant"}, 400)
        digest = hashlib.sha256(given.get("code_verifier", "").encode()).digest()
        if base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != asked["code_challenge"]:
            return _json({"error": "invalid_grant"}, 400)
        if given.get("redirect_uri") != asked["redirect_uri"]:
            return _json({"error": "invalid_grant"}, 400)
        token = {"access_token": "x", "token_type": "Bearer", "id_token": self._signed(asked)}
        return _json({name: value for name, value in token.items() if not (self.lies.no_token and name == "id_token")})

    def _signed(self, asked: dict[str, str]) -> str:
        at = int(self.now().timestamp())
        claims = {"iss": self.issuer, "tid": "tenant", "aud": CLIENT, "nonce": asked["nonce"]}
        claims |= {"iat": at, "exp": at + 3600}
        claims |= {"auth_time": at} if asked.get("prompt") == "login" else {}
        claims |= self.person | self.lies.claims
        claims = {name: value for name, value in claims.items() if value is not None}
        if self.lies.algorithm == "none":
            head, body = (_part(one) for one in ({"alg": "none"}, claims))
            return f"{head}.{body}."
        if self.lies.algorithm == "HS256":  # signed with what everybody can read
            from joserfc.jwk import OctKey

            return jwt.encode({"alg": "HS256", "kid": "one"}, claims, OctKey.import_key(self.key.as_pem(private=False)))
        key = RSAKey.generate_key(2048, {"kid": "one"}) if self.lies.another_key else self.key
        return jwt.encode({"alg": self.lies.algorithm, "kid": key.kid}, claims, key)


@contextmanager
def a_provider(now: Callable[[], datetime]) -> Iterator[IdentityProvider]:
    """A provider that answers while the test runs."""
    provider = IdentityProvider("", now)
    with answering(provider) as address:
        provider.address = address
        yield provider


def asked_for(location: str) -> dict[str, str]:
    """What an address asks the provider for."""
    return {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}


def _part(value: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def _json(value: Any, status: int = 200) -> Response:
    return Response(json.dumps(value), status, content_type="application/json")
