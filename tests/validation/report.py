"""Write the numbers reached into a document: ``python -m tests.validation.report [file]``.

With ``--recoveries``: those of the long run of injections and recoveries, into docs/fitting.md.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from tests.validation.results import RECOVERIES, RESULTS, Table, load

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
MARKS = ("<!-- validation -->", "<!-- end of validation -->")
FITTING = ROOT / "docs" / "fitting.md"
RECOVERY_MARKS = ("<!-- recoveries -->", "<!-- end of recoveries -->")


def markdown(tables: Sequence[Table]) -> str:
    """Return how many limits are met and, folded, one table of all rows."""
    rows = [row for table in tables for row in table.rows]
    met = sum(row.passed for row in rows)
    lines = [f"**{met} of {len(rows)} limits are met.**"]
    lines += [
        f"Missed: {table.heading}: {row.metric} {row.reached} ({row.limit})."
        for table in tables
        for row in table.rows
        if not row.passed
    ]
    lines += ["", "<details><summary>All numbers</summary>", "", *_rows(tables), "", "</details>"]
    return "\n".join(lines)


def _rows(tables: Sequence[Table]) -> list[str]:
    lines = ["| what | limit | reached | |", "|---|---|---|---|"]
    for table in tables:
        lines.append(f"| **{table.heading}** | | | |")
        lines += [
            f"| {escaped(row.metric)} | {row.limit} | {row.reached} | "
            f"{'✓' if row.passed else 'missed'} |"
            for row in table.rows
        ]
    return lines


def escaped(text: str) -> str:
    """Return a text as a cell of a Markdown table."""
    return text.replace("|", "\\|")


def between_marks(document: str, text: str, marks: tuple[str, str]) -> str:
    """Return a document with what stands between two marks replaced.

    Raises
    ------
    ValueError
        If the marks are not there once each, in order.
    """
    begin, end = marks
    if document.count(begin) != 1 or document.count(end) != 1:
        message = f"the document needs the lines {begin} and {end} once each"
        raise ValueError(message)
    before, rest = document.split(begin)
    _, after = rest.split(end)
    return f"{before}{begin}\n{text}\n{end}{after}"


def main(arguments: Sequence[str], marks: tuple[str, str] = MARKS, results: Path = RESULTS) -> int:
    """Write the table into a file, and on the screen."""
    tables = load(results)
    if not tables:
        sys.stderr.write(f"No results at {results}: run the tests first.\n")
        return 2
    text = markdown(tables)
    sys.stdout.write(f"{text}\n")
    path = Path(arguments[0]) if arguments else README
    try:
        path.write_text(between_marks(path.read_text(encoding="utf-8"), text, marks), "utf-8")
    except (OSError, ValueError) as error:
        sys.stderr.write(f"{path} was not changed: {error}.\n")
        return 2
    return 0


if __name__ == "__main__":
    if sys.argv[1:] == ["--recoveries"]:
        sys.exit(main([str(FITTING)], RECOVERY_MARKS, RECOVERIES))
    sys.exit(main(sys.argv[1:]))
