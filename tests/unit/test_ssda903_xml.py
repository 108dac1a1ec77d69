"""The XML form of a return says the same as the CSV form, and is trusted no more (returns 1, C30)."""

from datetime import date
from pathlib import Path

import pytest

from interchange.limits import DEFAULT_LIMITS, Limits
from interchange.problems import FileRefused, by_rule
from interchange.returned import cases_of
from interchange.ssda903 import read_return
from tests.returns import write_return

RETURN = """<?xml version="1.0" encoding="UTF-8"?>
<EXPSSDA903>
  <CHILD>
    <HEADER>
      <CHILDID>A1</CHILDID><UPN>UN1</UPN><SEX>2</SEX><DOB>15/06/2014</DOB><ETHNIC>WBRI</ETHNIC><UASC>0</UASC>
      <AREVIEW><REVIEW>01/09/2017</REVIEW><REVIEW_CODE>PN1</REVIEW_CODE></AREVIEW>
      <AREVIEW><REVIEW>11/12/2017</REVIEW><REVIEW_CODE>PN1</REVIEW_CODE></AREVIEW>
      <AMISSING><MISSING>M</MISSING><MIS_START>01/05/2017</MIS_START><MIS_END/></AMISSING>
      <PERMANENCE><PREV_PERM>P2</PREV_PERM><LA_PERM/><DATE_PERM>zz/zz/2012</DATE_PERM></PERMANENCE>
      <AD_PLACED><DATE_PLACED>01/06/2017</DATE_PLACED><DATE_PLACED_CEASED/><REASON_PLACED_CEASED/></AD_PLACED>
    </HEADER>
    <EPISODE>
      <DECOM>02/05/2017</DECOM><RNE>S</RNE><LS>C1</LS><CIN>N1</CIN><PL>U3</PL><PLACE_PROVIDER>PR1</PLACE_PROVIDER>
      <DEC>14/07/2017</DEC><REC>X1</REC><PL_POST>LE2 2BB</PL_POST><URN>SC1</URN>
    </EPISODE>
    <EPISODE>
      <DECOM>14/07/2017</DECOM><RNE>L</RNE><LS>C2</LS><CIN>N1</CIN><PL>U3</PL><PLACE_PROVIDER>PR1</PLACE_PROVIDER>
      <PL_POST>LE2 2BB</PL_POST><URN>SC1</URN>
    </EPISODE>
  </CHILD>
</EXPSSDA903>
"""


def write(folder: Path, content: str | bytes, name: str = "return.xml") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def refused(path: Path, limits: Limits = DEFAULT_LIMITS) -> list[str]:
    with pytest.raises(FileRefused) as refusal:
        read_return(path, limits=limits)
    return [problem.rule for problem in refusal.value.problems]


def test_says_what_the_csv_form_says(tmp_path):
    folder = write_return(
        tmp_path / "csv",
        Header=["A1,2,15/06/2014,WBRI,UN1,,"],
        Episodes=[
            "A1,02/05/2017,S,C1,N1,U3,PR1,14/07/2017,X1,,,LE2 2BB,SC1",
            "A1,14/07/2017,L,C2,N1,U3,PR1,,,,,LE2 2BB,SC1",
        ],
        Reviews=["A1,15/06/2014,01/09/2017,PN1", "A1,15/06/2014,11/12/2017,PN1"],
        PrevPerm=["A1,15/06/2014,P2,,zz/zz/2012"],
        PlacedAdoption=["A1,15/06/2014,01/06/2017,,"],
    )
    (from_csv,) = read_return(folder).children
    (from_xml,) = read_return(write(tmp_path, RETURN)).children
    assert from_xml.candidate
    assert from_xml.last_review_on == date(2017, 12, 11)
    for name in from_csv.__slots__:
        if name not in {"file", "line", "episodes"}:
            assert getattr(from_xml, name) == getattr(from_csv, name), name


def test_names_the_line_of_a_wrong_value(tmp_path):
    returned = read_return(write(tmp_path, RETURN.replace("<LS>C2</LS>", "<LS>C9</LS>")))
    problem = next(p for p in returned.flagged if p.rule == "144")
    assert (problem.file, problem.line, problem.column) == ("return.xml", 16, "LS")
    assert len(cases_of(returned)) == 1


def test_is_known_by_its_content_whatever_its_name(tmp_path):
    assert len(read_return(write(tmp_path, "\ufeff" + RETURN, name="return.csv")).children) == 1


def test_is_never_mixed_with_csv_or_with_another(tmp_path):
    folder = write_return(tmp_path / "csv", Episodes="A1,02/05/2017,S,C2,N1,U4,PR1,,,,,,")
    write(folder, RETURN)
    assert refused(folder) == ["FILE-MIXED"]
    two = tmp_path / "two"
    two.mkdir()
    write(two, RETURN, "a.xml")
    write(two, RETURN, "b.xml")
    assert refused(two) == ["FILE-MIXED"]


BILLION_LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]><EXPSSDA903><CHILD>&c;</CHILD></EXPSSDA903>'
)
OTHER_FILE = (
    '<?xml version="1.0"?><!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    "<EXPSSDA903><CHILD><HEADER><CHILDID>&x;</CHILDID></HEADER></CHILD></EXPSSDA903>"
)


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (BILLION_LAUGHS, "XML-DTD"),
        (OTHER_FILE, "XML-DTD"),
        ('<!DOCTYPE r SYSTEM "http://attacker.example/x.dtd"><EXPSSDA903/>', "XML-DTD"),
        ("<EXPSSDA903><CHILD>", "XML-BROKEN"),
        ("<EXPSSDA903></CHILD></EXPSSDA903>", "XML-BROKEN"),
        ("<EXPSSDA903>\x01</EXPSSDA903>", "XML-BROKEN"),
        ('<?xml version="1.0" encoding="klingon"?><EXPSSDA903/>', "XML-BROKEN"),
        ("<html><body/></html>", "XML-ROOT"),
        ("<EXPSSDA903>" + "<CHILD>" * 50, "XML-ROOT"),
        ("<EXPSSDA903><CHILD>" + "x" * 200_000, "FILE-LINE"),
        ("<EXPSSDA903/>", "FILE-NO-DATES"),
        ("", "FILE-EMPTY"),
    ],
    ids=[
        "an entity bomb",
        "another file",
        "a document type elsewhere",
        "cut off",
        "tags that do not match",
        "a control character",
        "an unknown encoding",
        "another root",
        "tags without end",
        "a text without end",
        "no children",
        "nothing",
    ],
)
def test_hostile_or_broken_xml_is_refused(tmp_path, content, rule):
    assert refused(write(tmp_path, content)) == [rule]


def test_an_element_bomb_is_refused_by_its_rows(tmp_path):
    many = "<EPISODE><DECOM>02/05/2017</DECOM></EPISODE>" * 50
    content = f"<EXPSSDA903><CHILD><HEADER><CHILDID>A1</CHILDID></HEADER>{many}</CHILD></EXPSSDA903>"
    assert refused(write(tmp_path, content), limits=Limits(rows=20)) == ["FILE-ROWS"]


def test_a_child_without_an_identifier_is_left_out(tmp_path):
    without = "<CHILD><EPISODE><DECOM>02/05/2017</DECOM></EPISODE></CHILD></EXPSSDA903>"
    returned = read_return(write(tmp_path, RETURN.replace("</EXPSSDA903>", without)))
    assert by_rule(returned.rejected) == {"ROW-CHILD": 1}
    assert len(returned.children) == 1
