"""Check the limits of text tables before they are parsed: ECSV, CSV and VOTable."""

from __future__ import annotations

import re
from contextlib import suppress
from math import prod
from types import MappingProxyType
from xml.parsers import expat  # no entity is ever expanded, see below

import yaml

from oda_widgets.errors import DamagedFile, shorten
from oda_widgets.products.files.gate import check_size
from oda_widgets.products.files.units import check_unit
from oda_widgets.products.files.votable_stream import rows_of_stream

_LARGEST_TEXT = 32 << 20  # bytes
_LARGEST_GUESSED = 4 << 20  # bytes of a table of unknown format
_LARGEST_HEADER = 200_000  # bytes of YAML
_MOST_PARTS = 30_000  # of YAML; a column has about ten
_MOST_LINES = 300_000
_MOST_COLUMNS = 999  # as in FITS, since readers compare each name with all others
_MOST_TABLES = 200  # of a VOTable
_MOST_ELEMENTS = 50_000  # of a VOTable, without rows and cells
_ENDS_OF_LINES = tuple(map(str.encode, "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"))
_SEPARATORS = (b",", b"\t", b"|", b";", b"&")
_DEEPEST = 40
_MOST_CELLS = 1 << 21
_LONGEST_CELL = 10_000  # elements of a cell of fixed size
_BYTES = MappingProxyType(
    {"short": 2, "int": 4, "long": 8, "unicodeChar": 2, "float": 4, "double": 8}
    | {"floatComplex": 8, "doubleComplex": 16}
)
_BYTES_OF_LENGTH = 4  # before cells of variable length
_BYTES_A_LETTER = 0.75  # bytes per character of base64
_SMALLER = "Give a table of what is needed only."
_NO_ADDRESS = "Write the table itself into the file (TABLEDATA)."


def check_text(content: bytes, *, guessed: bool = False) -> None:
    """Check the size of a text table.

    Parameters
    ----------
    content
        Bytes of the file.
    guessed
        True if its format is not known in advance.

    Raises
    ------
    DamagedFile
        If it is too large to be read in a few seconds.
    """
    check_size(content, _LARGEST_GUESSED if guessed else _LARGEST_TEXT, "a table")
    lines = sum(map(content.count, _ENDS_OF_LINES)) - content.count(b"\r\n")
    if lines > _MOST_LINES:
        raise DamagedFile(f"It has more than {_MOST_LINES:,} lines.", _SMALLER)


def check_lines(content: bytes) -> None:
    """Check the lines of a table whose columns are separated by commas, blanks or similar.

    Raises
    ------
    DamagedFile
        If a line has too many columns, or the table too many cells.
    """
    total = 0
    for line in content.splitlines():
        if not line.startswith(b"#"):
            cells = max(len(line.split()), 1 + max(map(line.count, _SEPARATORS)))
            total += cells
            _check_columns(cells)
            _check_numbers(0, total)


def check_ecsv(text: str) -> None:
    """Check the header of an ECSV file, which is YAML in comments.

    Raises
    ------
    DamagedFile
        If it is too long, nested too deep, has too many parts, or repeats parts within parts.
    """
    lines = [line[2:] for line in text.splitlines() if line.startswith("# ")]
    header = "\n".join(lines[1:])
    if len(header) > _LARGEST_HEADER:
        problem = f"Its header has more than {_LARGEST_HEADER:,} characters."
        raise DamagedFile(problem, _SMALLER)
    depth, repeated = 0, _Repeated()
    with suppress(yaml.YAMLError):  # the reader reports what is wrong with it
        for number, event in enumerate(yaml.parse(header, Loader=yaml.SafeLoader)):
            repeated.count(event, number, depth)
            if number + repeated.parts > _MOST_PARTS:
                raise DamagedFile(f"Its header has more than {_MOST_PARTS:,} parts.", _SMALLER)
            depth += isinstance(event, yaml.CollectionStartEvent)
            depth -= isinstance(event, yaml.CollectionEndEvent)
            _check_depth(depth)


class _Repeated:
    """Count the parts of YAML that are repeated by aliases, as astropy repeats units.

    Repeated parts must not contain aliases themselves, which would make them grow exponentially.
    """

    def __init__(self) -> None:
        self.parts = 0
        self._sizes = dict[str, int]()
        self._begun = list[tuple[int, str, int]]()  # depth, name and number of its first event

    def count(self, event: yaml.Event, number: int, depth: int) -> None:
        """Count an event, by its number and the depth at which it occurs."""
        name = getattr(event, "anchor", None)
        if isinstance(event, yaml.AliasEvent):
            if self._begun:
                problem = "Its header repeats parts of itself within such parts (YAML aliases)."
                raise DamagedFile(problem, "Write the values out.")
            self.parts += self._sizes.get(str(name), 1)
        elif isinstance(event, yaml.CollectionStartEvent) and name:
            self._begun.append((depth, name, number))
        elif isinstance(event, yaml.ScalarEvent) and name:
            self._sizes[name] = 1
        elif isinstance(event, yaml.CollectionEndEvent) and self._begun:
            start, begun, first = self._begun[-1]
            if start == depth - 1:
                self._begun.pop()
                self._sizes[begun] = number - first


def check_votable(content: bytes) -> None:
    """Check that a VOTable is sound and within limits, before it is read.

    Raises
    ------
    DamagedFile
        If it is not XML, is too large or nested too deep, defines entities, names an address to
        open, or announces more than it can hold.
    """
    check_size(content, _LARGEST_TEXT, "a table")
    limits = _Elements()
    parser = expat.ParserCreate()
    parser.StartElementHandler = limits.start
    parser.EndElementHandler = limits.end
    parser.CharacterDataHandler = limits.characters
    parser.EntityDeclHandler = limits.entity
    try:
        parser.Parse(content, True)  # noqa: FBT003 - takes no names
    except expat.ExpatError as error:
        # Refuse what cannot be checked: another reader might unpack it, or guess.
        raise DamagedFile(f"It is no VOTable ({error}).", "Fetch or make the file again.") from None


class _Elements:
    """Check the elements of a VOTable while they are parsed."""

    def __init__(self) -> None:
        self._depth = self._cells = self._rows = self._elements = self._tables = 0
        self._fields = list[dict[str, str]]()
        self._within = ""  # name of the element whose text is read
        self._column = 0
        self._letters = 0  # of a stream
        self._row_bytes = 0.0
        self._null_flags = False
        self._stream = list[str]()
        self._table_rows = 0
        self._stated_rows = ""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Check the beginning of an element."""
        self._depth += 1
        _check_depth(self._depth)
        kind = name.rpartition(":")[2].upper()
        self._within = kind
        self._elements += kind not in {"TR", "TD"}
        if self._elements > _MOST_ELEMENTS:
            raise DamagedFile(f"It has more than {_MOST_ELEMENTS:,} elements.", _SMALLER)
        if kind in {"TR", "TD"}:
            self._count(kind)
        elif kind in {"FITS", "PARQUET"}:
            raise DamagedFile(f"Its table is a file of another kind ({kind}).", _NO_ADDRESS)
        elif kind == "TABLE":
            self._tables += 1
            if self._tables > _MOST_TABLES:
                raise DamagedFile(f"It has more than {_MOST_TABLES} tables.", _SMALLER)
            self._stated_rows = attributes.get("nrows", "")
            _check_rows(self._stated_rows or "0")
            self._fields, self._table_rows = [], 0
        elif kind in {"FIELD", "PARAM"}:
            self._field(kind, attributes)
        elif kind in {"BINARY", "BINARY2"}:
            self._null_flags = kind == "BINARY2"
            self._row_bytes = _row_bytes(self._fields, null_flags=self._null_flags)
        elif kind == "STREAM":
            _check_stream(attributes)
            self._letters, self._stream = 0, []

    def _count(self, kind: str) -> None:
        """Count a row or a cell."""
        self._rows += kind == "TR"
        self._table_rows += kind == "TR"
        self._cells += kind == "TD"
        self._column = self._column + 1 if kind == "TD" else 0
        _check_numbers(self._rows, self._cells)

    def _field(self, kind: str, attributes: dict[str, str]) -> None:
        name = attributes.get("name", "without a name")
        _check_cell(attributes.get("arraysize", "1"), name)
        check_unit(attributes.get("unit", ""), f"the column {name}")
        if kind == "FIELD":
            self._fields.append(attributes)
            _check_columns(len(self._fields))

    def characters(self, text: str) -> None:
        """Check a piece of text: numbers in cells, or the number of rows of a stream."""
        if self._within == "TD":
            self._check_number(text)
        elif self._within == "STREAM" and self._row_bytes:
            self._letters += len(text) - text.count("\n")
            rows = int(self._letters * _BYTES_A_LETTER / self._row_bytes)
            _check_numbers(rows, rows * len(self._fields))
            self._stream.append(text)

    def _check_number(self, text: str) -> None:
        """Refuse text that only Python would read as a number."""
        if text.isascii() and "_" not in text:
            return
        place = self._column - 1
        field = self._fields[place] if 0 <= place < len(self._fields) else {}
        if field.get("datatype") not in {"char", "unicodeChar", None}:
            problem = (
                f"The column {field.get('name')} holds {shorten(text)}, which is not a number."
            )
            raise DamagedFile(problem, "Give numbers; positions in degrees, J2000.")

    def end(self, name: str) -> None:
        """Check the end of an element: a table must have as many rows as it announces."""
        self._depth -= 1
        self._within = ""
        kind = name.rpartition(":")[2].upper()
        if kind == "STREAM" and self._row_bytes:
            stream = "".join(self._stream)
            self._table_rows = rows_of_stream(stream, self._fields, null_flags=self._null_flags)
        if kind == "DATA" and self._stated_rows and self._table_rows < int(self._stated_rows):
            problem = f"Its table announces {self._stated_rows} rows and has {self._table_rows}."
            raise DamagedFile(problem, "Fetch or make the file again.")

    def entity(self, name: str, *_: object) -> None:
        """Refuse an entity, whose text may expand to any size or be an address."""
        problem = f"It defines an entity of XML ({shorten(name)})."
        raise DamagedFile(problem, "Write its text out.")


def _row_bytes(fields: list[dict[str, str]], *, null_flags: bool) -> float:
    """Return the least number of bytes of a row in a stream.

    Raises
    ------
    DamagedFile
        If it is 0: a stream could then have any number of rows.
    """
    total = len(fields) / 8 if null_flags else 0.0
    for field in fields:
        size = field.get("arraysize", "1")
        each = _BYTES.get(field.get("datatype", ""), 1)
        total += _BYTES_OF_LENGTH if "*" in size else each * _elements(size)
    if not total:
        raise DamagedFile("The rows of its table have no bytes.", _NO_ADDRESS)
    return total


def _check_numbers(rows: int, cells: int) -> None:
    if rows > _MOST_LINES:
        raise DamagedFile(f"It has more than {_MOST_LINES:,} rows.", _SMALLER)
    if cells > _MOST_CELLS:
        raise DamagedFile(f"It has more than {_MOST_CELLS:,} cells.", _SMALLER)


def _check_stream(attributes: dict[str, str]) -> None:
    if "href" in attributes:
        problem = f"Its table is at an address, {shorten(attributes['href'])}, that is not opened."
        raise DamagedFile(problem, _NO_ADDRESS)
    if attributes.get("encoding", "base64") not in {"base64", "none"}:
        problem = f"Its table is packed ({shorten(attributes['encoding'])})."
        raise DamagedFile(problem, _NO_ADDRESS)


def _check_rows(stated: str) -> None:
    if not stated.strip().isdecimal() or len(stated) > 9 or int(stated) > _MOST_LINES:
        problem = f"Its table announces {shorten(stated)} rows (nrows)."
        raise DamagedFile(problem, f"Give at most {_MOST_LINES:,}.")


def _check_columns(number: int) -> None:
    if number > _MOST_COLUMNS:
        raise DamagedFile(f"It has more than {_MOST_COLUMNS} columns.", _SMALLER)


def _check_cell(stated: str, name: str) -> None:
    number = _elements(stated)
    if number > _LONGEST_CELL or (number == 0 and "*" not in stated):
        problem = f"The field {shorten(name)} has cells of {shorten(stated)} values (arraysize)."
        raise DamagedFile(problem, f"Give cells of 1 to {_LONGEST_CELL:,}.")


def _elements(size: str) -> int:
    """Return the number of values in a cell, or more than the limit if it is too large."""
    sizes = re.findall(r"\d+", size, re.ASCII)
    if any(len(each) > 9 for each in sizes):
        return _LONGEST_CELL + 1
    return prod(map(int, sizes))


def _check_depth(depth: int) -> None:
    if depth > _DEEPEST:
        raise DamagedFile(f"It is nested more than {_DEEPEST} deep.", _SMALLER)
