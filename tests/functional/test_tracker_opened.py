"""The finance tracker in a spreadsheet program: types stay what they are, and what it saves is still ours (PM-5)."""

from __future__ import annotations

import subprocess
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest

from documents.pdf import office
from interchange.tracker_reading import reconcile
from tests.unit.test_tracker import FULL_ROW, HEADINGS, ROWS, written


@pytest.mark.skipif(office() is None, reason="LibreOffice is not installed here")
def test_libreoffice_opens_and_saves_it_with_every_type_intact_and_no_difference(tmp_path: Path) -> None:
    ours, out = written(tmp_path), tmp_path / "saved"
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = [str(office()), profile, "--headless", "--norestore", "--convert-to", "xlsx", "--outdir", str(out)]
    subprocess.run([*command, str(ours)], check=True, capture_output=True, timeout=300)
    saved = out / ours.name

    assert reconcile(saved, ROWS).differences == ()
    sheet = openpyxl.load_workbook(saved)["Tracker"]
    row = next(row for row in sheet.iter_rows(min_row=HEADINGS + 1) if row[0].value == FULL_ROW.request)
    said = {str(sheet.cell(HEADINGS, one.column).value): one.value for one in row}
    assert (said["Council id"], said["Cost code"]) == (FULL_ROW.council_id, FULL_ROW.cost_code)  # noughts in front stay
    assert isinstance(said["Amount"], float | int)
    assert isinstance(said["Decided on"], datetime)
    assert isinstance(said["Children"], int)
