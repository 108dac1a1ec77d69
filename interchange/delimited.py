"""CSV files, opened with suspicion: size, bytes and line lengths are looked at before anything is parsed."""

from __future__ import annotations

import codecs
import csv
import stat
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from typing import Final

from interchange.limits import Limits
from interchange.problems import Problems, refusal, shown_name

CHUNK: Final = 1 << 20
UTF_8: Final = "utf-8-sig"
"""With or without the byte order mark that some exports begin with."""
WINDOWS: Final = "cp1252"


@dataclass(slots=True, kw_only=True)
class Delimited:
    """A CSV file that passed the checks, its header row read (trimmed, upper case).

    `rows_seen` counts the rows of the last reading, rejected ones included.
    """

    path: Path
    name: str
    encoding: str
    header: tuple[str, ...]
    limits: Limits
    rows_seen: int = 0

    def rows(self, columns: Sequence[str], problems: Problems) -> Iterator[tuple[int, list[str]]]:
        """Line number and the named cells of each row, trimmed and in upper case, streamed.

        Blank lines are passed over; a row with other than the header's number of cells is rejected. Raises
        `FileRefused` where the file cannot be told into cells at all.
        """
        width = len(self.header)
        pick = _picker([self.header.index(column) for column in columns])
        self.rows_seen = 0
        for line, cells in read_cells(self):
            if line == 1 or not (cells and (cells[0] or any(map(str.strip, cells)))):
                continue
            self.rows_seen += 1
            if len(cells) != width and (len(cells) < width or any(map(str.strip, cells[width:]))):
                problems.note("ROW-CELLS", self.name, line, None)
                continue
            yield line, list(map(str.strip, pick(cells)))


def opened(path: Path, limits: Limits) -> Delimited:
    """Check the file and read its header row. Raises `FileRefused`."""
    name = shown_name(path)
    check_size(path, name, limits.file_bytes)
    encoding = _encoding(path, name, limits)
    file = Delimited(path=path, name=name, encoding=encoding, header=(), limits=limits)
    _, cells = next(read_cells(file), (0, []))
    header = [cell.strip() for cell in cells]
    while header and header[-1] == "":
        header.pop()  # a spreadsheet saves empty columns it once touched
    if not header:
        raise refusal("FILE-EMPTY", name)
    if len(header) > limits.columns:
        raise refusal("FILE-ROWS", name, line=1)
    return Delimited(path=path, name=name, encoding=encoding, header=tuple(header), limits=limits)


def check_size(path: Path, name: str, most: int) -> None:
    """Refuse what is not an ordinary file or is too large, before it is opened (C30)."""
    try:
        status = path.stat()
    except (OSError, ValueError) as error:
        raise refusal("FILE-MISSING", name) from error
    if not stat.S_ISREG(status.st_mode):
        raise refusal("FILE-MISSING", name)
    if status.st_size > most:
        raise refusal("FILE-SIZE", name, f"It has {status.st_size:,} bytes; {most:,} are allowed.")
    if status.st_size == 0:
        raise refusal("FILE-EMPTY", name)


def read_cells(file: Delimited) -> Iterator[tuple[int, list[str]]]:
    """Every record and the line it begins on. Raises `FileRefused` on broken quotation marks."""
    rows, begins = 0, 1
    try:
        with file.path.open(encoding=file.encoding, newline="") as text:
            reader = csv.reader(map(str.upper, text), strict=True)  # codes are upper case (returns 1)
            for cells in reader:
                rows += 1
                if rows > file.limits.rows:
                    raise refusal(
                        "FILE-ROWS", file.name, f"{file.limits.rows:,} rows are allowed.", line=begins
                    )
                yield begins, cells
                begins = reader.line_num + 1
    except csv.Error as error:
        rule = "FILE-LINE" if "field limit" in str(error) else "FILE-QUOTES"
        raise refusal(rule, file.name, line=begins) from error
    except OSError as error:
        raise refusal("FILE-MISSING", file.name) from error


def _picker(wanted: Sequence[int]) -> Callable[[list[str]], Iterable[str]]:
    """Takes the wanted cells of a row, in C: this runs once for every row of a return."""
    if len(wanted) > 1:
        return itemgetter(*wanted)
    return lambda cells: [cells[at] for at in wanted]


def _encoding(path: Path, name: str, limits: Limits) -> str:
    """One pass over the bytes: no NUL, no endless line, and which of the two encodings it is."""
    utf_8, windows = codecs.getincrementaldecoder("utf-8")(), codecs.getincrementaldecoder(WINDOWS)()
    encodings = {UTF_8: utf_8, WINDOWS: windows}
    unfinished, line = 0, 1
    try:
        with path.open("rb") as raw:
            while chunk := raw.read(CHUNK):
                if b"\0" in chunk:
                    raise refusal("FILE-BINARY", name)
                lengths = [
                    len(text) for text in chunk.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
                ]
                lengths[0] += unfinished
                if max(lengths) > limits.line_bytes:
                    longest = next(at for at, length in enumerate(lengths) if length > limits.line_bytes)
                    raise refusal("FILE-LINE", name, line=line + longest)
                unfinished, line = lengths[-1], line + len(lengths) - 1
                _drop_failing(encodings, chunk, final=False)
        _drop_failing(encodings, b"", final=True)
    except OSError as error:
        raise refusal("FILE-MISSING", name) from error
    if not encodings:
        raise refusal("FILE-ENCODING", name)
    return next(iter(encodings))


def _drop_failing(encodings: dict[str, codecs.IncrementalDecoder], chunk: bytes, *, final: bool) -> None:
    for encoding, decoder in list(encodings.items()):
        try:
            decoder.decode(chunk, final)
        except UnicodeDecodeError:
            del encodings[encoding]
