"""The design system's own files, without the font and crest that are not ours to use (design 5.14).

They are installed by npm at set-up and served from there; nothing of others lies in this tree. Where they are
missing, pages are plain and say so.
"""

from __future__ import annotations

import hashlib
import re
from functools import cache
from pathlib import Path

from flask import Flask, Response, abort

from web.doors import Access, access

ROOT = Path(__file__).parents[1]
GOVUK = ROOT / "node_modules" / "govuk-frontend" / "dist" / "govuk"
OWN = Path(__file__).parent / "static"
FILES: dict[str, tuple[Path, str]] = {
    "govuk.css": (GOVUK / "govuk-frontend.min.css", "text/css"),
    "govuk.js": (GOVUK / "govuk-frontend.min.js", "text/javascript"),
    "sgo.css": (OWN / "sgo.css", "text/css"),
    "meet.css": (OWN / "meet.css", "text/css"),
    "boards.css": (OWN / "boards.css", "text/css"),
    "money.css": (OWN / "money.css", "text/css"),
    "start.js": (OWN / "start.js", "text/javascript"),
    "table.js": (OWN / "table.js", "text/javascript"),
    "icon.svg": (OWN / "icon.svg", "image/svg+xml"),
}
#: The council's own colour, as a rule that ours refer to.
COUNCIL = "council.css"
_FACE = re.compile(r"@font-face\{[^}]*\}")
_FONT = re.compile(r'"?GDS Transport"?,\s*')
_CREST = re.compile(r"url\([^)]*govuk-crest[^)]*\)")


def styled() -> bool:
    """Whether the design system's files are there."""
    return FILES["govuk.css"][0].is_file()


@cache
def content(name: str) -> bytes:
    """One file as it is served. Raises KeyError for another name, OSError where it is not installed."""
    raw = FILES[name][0].read_bytes()
    if name != "govuk.css":
        return raw
    css = _CREST.sub("none", _FONT.sub("", _FACE.sub("", raw.decode())))
    return css.encode()


@cache
def address(name: str) -> str:
    """The address of a file: it changes with its content, so that browsers may keep it."""
    try:
        return f"/assets/{hashlib.sha256(content(name)).hexdigest()[:12]}/{name}"
    except OSError:
        return ""


def serve(app: Flask) -> None:
    """Answer for these files and no others."""
    council = f":root {{ --sgo-council: {app.config['OFFICE'].settings.council_colour}; }}\n".encode()
    council_at = f"/assets/{hashlib.sha256(council).hexdigest()[:12]}/{COUNCIL}"
    app.jinja_env.globals["asset"] = lambda name: council_at if name == COUNCIL else address(name)
    app.jinja_env.globals["styled"] = styled

    @app.get("/assets/<digest>/<name>", endpoint="asset")
    @access(Access.ANYONE)
    def _asset(digest: str, name: str) -> Response:
        if name == COUNCIL and council_at == f"/assets/{digest}/{name}":
            return _kept(Response(council, mimetype="text/css"))
        if name not in FILES or address(name) != f"/assets/{digest}/{name}":
            abort(404)
        return _kept(Response(content(name), mimetype=FILES[name][1]))


def _kept(answer: Response) -> Response:
    """The address changes with the content: browsers may keep it."""
    answer.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return answer
