"""PDF from Word where LibreOffice is installed: a convenience, never a need."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Final

PROGRAMS: Final = ("soffice", "libreoffice")
PATIENCE_SECONDS: Final = 90


class NoPdf(Exception):
    """No PDF could be made; the Word file is the paper all the same. The words say why."""


def office() -> str | None:
    """Where LibreOffice is; None where it is not installed."""
    return next((found for name in PROGRAMS if (found := shutil.which(name))), None)


def pdf_of(word: bytes) -> bytes:
    """A Word file as PDF. Raises NoPdf."""
    program = office()
    if program is None:
        raise NoPdf("LibreOffice is not installed on this machine, so there is no PDF. The Word file can be printed.")
    with tempfile.TemporaryDirectory(prefix="sgo-pdf-") as folder:
        here = Path(folder)
        (here / "paper.docx").write_bytes(word)
        command = [
            program,
            f"-env:UserInstallation={(here / 'profile').as_uri()}",
            "--headless",
            "--norestore",
            "--convert-to",
            "pdf:writer_pdf_Export",
            "--outdir",
            folder,
            str(here / "paper.docx"),
        ]
        try:
            subprocess.run(command, capture_output=True, timeout=PATIENCE_SECONDS, check=True, cwd=folder)
            return (here / "paper.pdf").read_bytes()
        except subprocess.TimeoutExpired:
            raise NoPdf(f"LibreOffice took more than {PATIENCE_SECONDS} seconds.") from None
        except (subprocess.CalledProcessError, OSError):
            raise NoPdf("LibreOffice could not turn the Word file into a PDF.") from None
