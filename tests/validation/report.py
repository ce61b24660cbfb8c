"""Write the measured numbers into a page: ``python -m tests.validation.report [file]``.

With ``--recoveries``: those of the long run of injections and recoveries. Both stand in
docs/validation.md.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from tests.validation.results import RECOVERIES, RESULTS, Row, Table, load

PAGE = Path(__file__).parents[2] / "docs" / "validation.md"
MARKS = ("<!-- validation -->", "<!-- end of validation -->")
RECOVERY_MARKS = ("<!-- recoveries -->", "<!-- end of recoveries -->")


def markdown(tables: Sequence[Table]) -> str:
    """Return how many requirements passed, those that were missed, and a table of all rows."""
    rows = [row for table in tables for row in table.rows]
    passed = sum(row.passed for row in rows)
    lines = [f"**{passed} of {len(rows)} requirements passed.**", ""]
    lines += [
        f"- **Missed.** {table.heading}: {row.metric}: {row.reached} (requirement: {row.limit})."
        for table in tables
        for row in table.rows
        if not row.passed
    ]
    return "\n".join([*lines, *([""] if passed < len(rows) else []), *_table(tables)])


def _table(tables: Sequence[Table]) -> list[str]:
    lines = ["| quantity | requirement | measured | passed |", "|---|---|---|---|"]
    for table in tables:
        lines.append(f"| **{table.heading}** | | | |")
        lines += [_line(row) for row in table.rows]
    return lines


def _line(row: Row) -> str:
    return f"| {escaped(row.metric)} | {row.limit} | {row.reached} | {verdict(passed=row.passed)} |"


def verdict(*, passed: bool) -> str:
    """Return the word for a requirement that passed or was missed; the second stands out."""
    return "yes" if passed else "**missed**"


def escaped(text: str) -> str:
    """Return a text as a cell of a Markdown table."""
    return text.replace("|", "\\|")


def between_marks(document: str, text: str, marks: tuple[str, str]) -> str:
    """Return a document with the text between two marks replaced.

    Raises
    ------
    ValueError
        If the document does not contain each mark once, in order.
    """
    begin, end = marks
    if document.count(begin) != 1 or document.count(end) != 1:
        message = f"the document needs the lines {begin} and {end} once each"
        raise ValueError(message)
    before, rest = document.split(begin)
    _, after = rest.split(end)
    return f"{before}{begin}\n\n{text}\n\n{end}{after}"


def main(arguments: Sequence[str], marks: tuple[str, str] = MARKS, results: Path = RESULTS) -> int:
    """Write the table into a file, and on the screen."""
    tables = load(results)
    if not tables:
        sys.stderr.write(f"No results at {results}: run the tests first.\n")
        return 2
    text = markdown(tables)
    sys.stdout.write(f"{text}\n")
    path = Path(arguments[0]) if arguments else PAGE
    try:
        path.write_text(between_marks(path.read_text(encoding="utf-8"), text, marks), "utf-8")
    except (OSError, ValueError) as error:
        sys.stderr.write(f"{path} was not changed: {error}.\n")
        return 2
    return 0


if __name__ == "__main__":
    if sys.argv[1:] == ["--recoveries"]:
        sys.exit(main([], RECOVERY_MARKS, RECOVERIES))
    sys.exit(main(sys.argv[1:]))
