"""A document to print, as the browser shows it: by itself, with its own styles and nothing else (design 5.14)."""

from __future__ import annotations

import base64
import hashlib
import re

from flask import Response, g

_STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)


def printable(html: str) -> Response:
    """A whole document made elsewhere. Its styles are allowed by their content, so that no other can slip in."""
    g.own_styles = " ".join(f"'sha256-{_digest(style)}'" for style in _STYLE.findall(html))
    return Response(html, mimetype="text/html")


def _digest(style: str) -> str:
    return base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
