"""What every answer carries, and what is said when something cannot be answered (design 5.14, reliability E)."""

from __future__ import annotations

import math
import secrets

from flask import Flask, g, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from casework.errors import Busy, NotFound, Refused, Unusable
from casework.following import ledger
from casework.who.pace import TooFast
from web.doors import Access, NotForYou, door_of
from web.entering import kept_for_later, now, office
from web.formats import with_days


def protect(app: Flask) -> None:
    """Headers on every answer, and words for every failure."""

    @app.before_request
    def _nonce() -> None:
        g.nonce = secrets.token_urlsafe(18)

    @app.before_request
    def _from_here() -> None:
        if request.method == "POST" and request.headers.get("Sec-Fetch-Site") == "cross-site":
            raise CSRFError("another site sent this")  # C26, also where a token was stolen

    @app.context_processor
    def _for_templates() -> dict[str, object]:
        settings = office().settings
        council = {"name": settings.council_name, "contact": settings.contact}
        name = settings.system_name
        return {"cspNonce": g.get("nonce", ""), "system_name": name, "council": council, "here": g.get("here")}

    @app.after_request
    def _headers(answer: Response) -> Response:
        nonce, styles = g.get("nonce", ""), g.get("own_styles", "")
        answer.headers["Content-Security-Policy"] = (
            f"default-src 'none'; img-src 'self'; style-src 'self' {styles}; font-src 'self'; connect-src 'self'; "
            f"script-src 'self' 'nonce-{nonce}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
        )
        answer.headers["X-Content-Type-Options"] = "nosniff"
        answer.headers["X-Frame-Options"] = "DENY"
        answer.headers["Referrer-Policy"] = "no-referrer"
        answer.headers["Cross-Origin-Opener-Policy"] = "same-origin"
        answer.headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
        if not answer.headers.get("Cache-Control"):
            answer.headers["Cache-Control"] = "no-store"
        if request.is_secure:
            answer.headers["Strict-Transport-Security"] = "max-age=31536000"
        return answer
    _say_why(app)


def _say_why(app: Flask) -> None:
    @app.errorhandler(NotFound)
    @app.errorhandler(404)
    def _not_found(_error: Exception) -> tuple[str, int]:
        return render_template("errors/not_found.html"), 404

    @app.errorhandler(NotForYou)
    def _not_for_you(error: NotForYou) -> tuple[str, int]:
        return render_template("errors/not_for_you.html", posts=error.posts), 403

    @app.errorhandler(CSRFError)
    def _forged(_error: Exception) -> Response | tuple[str, int]:
        door = door_of(app.view_functions.get(request.endpoint or ""))
        guarded = door is not None and door.level not in (Access.ANYONE, Access.MACHINE)
        if guarded and request.headers.get("Sec-Fetch-Site") == "same-origin" and (kept := kept_for_later()):
            return kept  # from a window that was open while somebody signed out and in again: nothing typed is lost
        return render_template("errors/forged.html"), 400

    @app.errorhandler(Unusable)
    def _unusable(error: Unusable) -> tuple[str, int]:
        return render_template("errors/refused.html", code=422, words=with_days(str(error))), 422

    @app.errorhandler(TooFast)
    def _too_fast(error: TooFast) -> tuple[str, int, dict[str, str]]:
        wait = str(max(1, math.ceil(error.again_in.total_seconds())))
        page = render_template("errors/too_fast.html", words=error.words, again=request.full_path.rstrip("?"))
        return page, 429, {"Retry-After": wait}

    @app.errorhandler(Refused)
    def _against_a_rule(error: Refused) -> tuple[str, int]:
        words = " ".join(f"{with_days(unmet.reason)} ({unmet.rule})" for unmet in error.reasons)
        return render_template("errors/refused.html", code=422, words=words), 422

    @app.errorhandler(Busy)
    def _busy(_error: Exception) -> tuple[str, int]:
        return render_template("errors/busy.html"), 503

    @app.errorhandler(HTTPException)
    def _refused(error: HTTPException) -> tuple[str, int]:
        code = error.code or 500
        return render_template("errors/refused.html", code=code, words=error.description), code

    @app.errorhandler(Exception)
    def _unforeseen(error: Exception) -> tuple[str, int]:
        ref = ledger.error(office(), where=f"page {request.endpoint}", exc=error, now=now())
        return render_template("errors/unforeseen.html", ref=ref), 500
