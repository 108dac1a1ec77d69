"""The cookie that says which sign-in a browser has, and how long one lasts (reliability C23, C43, R23).

The cookie holds a random token and nothing else; what it stands for is in the database. It is never sent with a
request that another site starts: a link in a mail therefore leads through a page of ours that asks once more.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from flask import Flask, current_app, g, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from casework.settings import SignInSettings
from casework.units import Office
from casework.who import accounts
from casework.who.sign_ins import Browser
from casework.who.visitors import Visitor, visitor
from states.calendar import london_date

#: Never kept of a form that came too late, whatever the page.
SECRETS = frozenset({"csrf_token", "password", "old", "again", "code"})
_NO_TOKEN = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """Somebody whose sign-in is good at this instant."""

    browser: Browser
    who: Visitor


def office() -> Office:
    """The installation."""
    return cast("Office", current_app.config["OFFICE"])


def now() -> datetime:
    """This instant, UTC."""
    clock: Callable[[], datetime] = current_app.config["NOW"]
    return clock()


def limits() -> SignInSettings:
    """How long things last."""
    return office().settings.sign_in


def address() -> str:
    """Where the request comes from, as far as can be known (the proxy's word counts where it is named)."""
    return request.remote_addr or "nowhere"


def keep_cookies(app: Flask) -> None:
    """Put the cookie of a new sign-in on the answer, and take away that of one that has ended."""
    secure = bool(app.config["SESSION_COOKIE_SECURE"])
    app.config["SIGN_IN_COOKIE"] = "__Host-sgo-in" if secure else "sgo-in"

    @app.after_request
    def _cookie(answer: Response) -> Response:
        token: str | None = g.get("token")
        name = app.config["SIGN_IN_COOKIE"]
        if token == _NO_TOKEN:
            answer.delete_cookie(name, path="/", secure=secure, httponly=True, samesite="Strict")
        elif token is not None:
            answer.set_cookie(name, token, path="/", secure=secure, httponly=True, samesite="Strict")
        return answer


# -- beginning and ending -----------------------------------------------------------------------------------


def begin(person_id: str, *, how: str, waits_for: str | None = None) -> None:
    """From here on the browser is this person's, with a new token; what it had before has ended.

    Forms that the same person has open in other windows stay good; of somebody else nothing is kept.
    """
    before = _browser()
    if before is not None:
        office().sign_ins.end(before.id, now=now())
    if before is None or before.person_id != person_id:
        wanted = session.get("next")
        session.clear()
        session["next"] = wanted
    session.permanent = True
    g.token = office().sign_ins.begin(person_id, how=how, address=address(), now=now(), waits_for=waits_for)


def sign_out() -> None:
    """Nobody is signed in any more."""
    before = _browser()
    if before is not None:
        office().sign_ins.end(before.id, now=now())
    session.clear()
    g.token = _NO_TOKEN


def signed_in() -> SignedIn | None:
    """Who is signed in: working here, not idle for too long, not since yesterday, not ended anywhere (R23)."""
    browser = _browser()
    if browser is None or browser.waits_for is not None:
        return None
    who = _good(browser)
    if who is None or _over(browser):
        return None
    office().sign_ins.seen(browser, now=now())
    return SignedIn(browser=browser, who=who)


def waiting(what: str) -> Browser | None:
    """The sign-in of which only the first half is done, and which waits for this. Five minutes, no longer."""
    browser = _browser()
    if browser is None or browser.waits_for != what or now() - browser.began_at > timedelta(minutes=10):
        return None
    return browser if _good(browser) is not None else None


def is_fresh(browser: Browser) -> bool:
    """Whether its owner has shown who they are within the last minutes (settings: proof_minutes)."""
    return now() - browser.proved_at <= timedelta(minutes=limits().proof_minutes)


def _browser() -> Browser | None:
    token = request.cookies.get(current_app.config["SIGN_IN_COOKIE"], "")
    found = office().sign_ins.find(token) if token else None
    return found if found is not None and found.ended_at is None else None


def _over(browser: Browser) -> bool:
    return now() - browser.seen_at > timedelta(minutes=limits().idle_minutes) or now() - browser.began_at > timedelta(
        hours=limits().longest_hours
    )


def _good(browser: Browser) -> Visitor | None:
    with office().reading() as reading:
        return visitor(reading, browser.person_id, on=london_date(now()), signed_in_at=browser.began_at)


# -- the way to the sign-in and back ------------------------------------------------------------------------


def to_sign_in() -> Response | str:
    """Send somebody to sign in; afterwards they are where they wanted to be, with what they had typed."""
    if request.method in ("GET", "HEAD"):
        if request.headers.get("Sec-Fetch-Site") == "cross-site":
            return render_template("once_more.html", path=_own_path())
        return redirect(url_for("sign_in.choose", next=_own_path()))
    browser = _browser()
    if browser is None or browser.waits_for is not None or _good(browser) is None:
        return redirect(url_for("sign_in.choose"))
    return redirect(url_for("sign_in.choose", next=held_form(browser.person_id)))


def kept_for_later() -> Response | None:
    """Keep a form of ours that came without its mark, for the person of this sign-in: its window was opened before.

    None where nobody is known whose it could be, or where a script sent it. Nothing is done with it: its sender finds
    it on a page of ours and sends it on from there, if they want to.
    """
    browser = _browser()
    if browser is None or browser.waits_for is not None or _good(browser) is None:
        return None
    if "X-Requested-With" in request.headers:
        return None
    held = held_form(browser.person_id)
    return redirect(url_for("sign_in.choose", next=held) if _over(browser) else held)


def to_proof(browser: Browser) -> Response:
    """Send somebody to show again who they are; afterwards they are back, with what they had typed."""
    wanted = _own_path() if request.method in ("GET", "HEAD") else held_form(browser.person_id)
    return redirect(url_for("proof.ask", next=wanted))


def held_form(person_id: str) -> str:
    """Keep the form that has just come; answers the page on which its sender finds it again."""
    fields = [(name, value) for name, value in request.form.items(multi=True) if name not in SECRETS]
    path = _own_path()
    held = office().in_one_unit(
        lambda unit: accounts.hold(unit, person_id=person_id, path=path, fields=fields, now=now())
    )
    return url_for("proof.held", held=held)


def own_path(path: str | None) -> str:
    """A path of this site, and nothing else (reliability C26)."""
    if not path or not path.startswith("/") or path.startswith("//") or "\\" in path or not path.isprintable():
        return url_for("my_work.show")
    return path


def _own_path() -> str:
    return request.full_path.rstrip("?")
