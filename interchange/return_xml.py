"""The XML form of a return, as rows of the same tables (returns 1), read in passes that keep nothing.

Document types and entities are refused before they are read (reliability C30: defusedxml).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from xml.sax import SAXException
from xml.sax.handler import ContentHandler
from xml.sax.xmlreader import AttributesImpl, Locator

from defusedxml.common import DefusedXmlException
from defusedxml.expatreader import DefusedExpatParser

from interchange.delimited import CHUNK, check_size
from interchange.limits import Limits
from interchange.problems import Problems, refusal, shown_name
from interchange.tables import TABLES

ROOT: Final = "EXPSSDA903"
CHILD: Final = "CHILD"
GROUPS: Final = {
    "HEADER": "Header",
    "EPISODE": "Episodes",
    "AREVIEW": "Reviews",
    "AD_PLACED": "PlacedAdoption",
    "PERMANENCE": "PrevPerm",
    "AMISSING": "Missing",
    "OC2": "OC2",
}
RENAMED: Final = {"CHILDID": "CHILD", "PL": "PLACE"}
DEEPEST: Final = 12


@dataclass(slots=True, kw_only=True)
class XmlTable:
    """One table of an XML return. Each reading is a pass over the file, so memory stays flat."""

    path: Path
    name: str
    table: str
    limits: Limits
    rows_seen: int = 0

    def rows(self, columns: Sequence[str], problems: Problems) -> Iterator[tuple[int, list[str]]]:  # noqa: ARG002
        """As `Delimited.rows`. An element the table should have and has not is blank."""
        self.rows_seen = 0
        for line, values in _records(self):
            self.rows_seen += 1
            if self.rows_seen > self.limits.rows:
                raise refusal("FILE-ROWS", self.name, line=line)
            yield line, [values.get(column, "").strip().upper() for column in columns]


def opened(path: Path, limits: Limits) -> dict[str, XmlTable]:
    """Check the file and give its tables. Raises `FileRefused`."""
    name = shown_name(path)
    check_size(path, name, limits.file_bytes)
    return {
        table: XmlTable(path=path, name=name, table=table, limits=limits)
        for table in TABLES
        if table in GROUPS.values()
    }


def _records(table: XmlTable) -> Iterator[tuple[int, dict[str, str]]]:
    """Feed the file to the parser piece by piece, giving the rows that each piece completes."""
    rows = _Rows(table=table.table, longest=table.limits.line_bytes)
    parser = DefusedExpatParser(forbid_dtd=True)
    parser.setContentHandler(rows)
    rows.setDocumentLocator(parser)
    try:
        with table.path.open("rb") as raw:
            while chunk := raw.read(CHUNK):
                parser.feed(chunk)
                yield from rows.take()
        parser.close()
    except DefusedXmlException as error:
        raise refusal("XML-DTD", table.name) from error
    except _NotAReturn as error:
        raise refusal(error.rule, table.name, line=rows.line) from error
    except SAXException as error:
        raise refusal("XML-BROKEN", table.name, line=rows.line) from error
    except (OSError, ValueError, LookupError) as error:  # an encoding that Python does not know
        raise refusal("XML-BROKEN", table.name) from error
    yield from rows.take()


class _NotAReturn(Exception):
    """Well formed, but not what a return may hold."""

    def __init__(self, rule: str) -> None:
        self.rule = rule
        super().__init__(rule)


@dataclass(slots=True)
class _Group:
    table: str
    line: int
    values: dict[str, str] = field(default_factory=dict)


class _Rows(ContentHandler):
    """Collects the rows of one table; those of a child are complete when the child is."""

    def __init__(self, *, table: str, longest: int) -> None:
        super().__init__()
        self._table, self._longest = table, longest
        self._depth = 0
        self._text: list[str] = []
        self._length = 0
        self._open: list[_Group] = []
        self._child: list[_Group] = []
        self._header: dict[str, str] = {}
        self._done: list[tuple[int, dict[str, str]]] = []
        self._locator: Locator | None = None

    @property
    def line(self) -> int | None:
        """The line the parser has come to."""
        return self._locator.getLineNumber() if self._locator is not None else None

    def take(self) -> list[tuple[int, dict[str, str]]]:
        """The rows completed since the last call."""
        done, self._done = self._done, []
        return done

    def setDocumentLocator(self, locator: Locator) -> None:  # noqa: N802 - the name SAX calls
        self._locator = locator

    def startElement(self, name: str, attrs: AttributesImpl) -> None:  # noqa: N802, ARG002
        tag = name.upper()
        if self._depth == 0 and tag != ROOT:
            raise _NotAReturn("XML-ROOT")
        self._depth += 1
        if self._depth > DEEPEST:
            raise _NotAReturn("XML-ROOT")
        if tag == CHILD and not self._open:
            self._child, self._header = [], {}
        elif tag in GROUPS:
            self._open.append(_Group(GROUPS[tag], self.line or 0))
        self._text, self._length = [], 0

    def characters(self, content: str) -> None:
        self._length += len(content)
        if self._length > self._longest:
            raise _NotAReturn("FILE-LINE")
        self._text.append(content)

    def endElement(self, name: str) -> None:  # noqa: N802
        tag = name.upper()
        self._depth -= 1
        if self._open and tag in GROUPS and self._open[-1].table == GROUPS[tag]:
            group = self._open.pop()
            self._child.append(group)
            if group.table == "Header":
                self._header = group.values
        elif tag == CHILD and not self._open:
            self._finish_child()
        elif self._open:
            self._open[-1].values[RENAMED.get(tag, tag)] = "".join(self._text)
        self._text, self._length = [], 0

    def _finish_child(self) -> None:
        """Each row carries the child's identifier and date of birth, as the CSV tables do."""
        shared = {key: self._header[key] for key in ("CHILD", "DOB") if key in self._header}
        wanted = [group for group in self._child if group.table == self._table]
        self._done.extend((group.line, shared | group.values) for group in wanted)
