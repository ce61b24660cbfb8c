"""Write the timings into docs/benchmarks.md: ``python -m tests.benchmarks.report [file]``."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from tests.benchmarks.rows import Row, load
from tests.validation.report import between_marks, escaped, verdict

PAGE = Path(__file__).parents[2] / "docs" / "benchmarks.md"
MARKS = ("<!-- benchmark -->", "<!-- end of benchmark -->")
_LIMIT = "limit: "


def markdown(rows: Sequence[Row]) -> str:
    """Return how many requirements passed, and a table of all timings."""
    limits = [row for row in rows if row.against.startswith(_LIMIT)]
    passed = sum(row.ratio <= 1 for row in limits)
    lines = [f"**{passed} of {len(limits)} requirements passed.**", ""]
    lines += ["| quantity | measured | compared with | ratio | passed |", "|---|---|---|---|---|"]
    return "\n".join([*lines, *(_line(row) for row in rows)])


def _line(row: Row) -> str:
    """Return a line of the table; a comparison with a peer has nothing to pass."""
    required = row.against.startswith(_LIMIT)
    against = f"requirement: {row.against.removeprefix(_LIMIT)}" if required else row.against
    passed = verdict(passed=row.ratio <= 1) if required else ""
    return f"| {escaped(row.subject)} | {row.ours} | {against} | {row.ratio:.2g} | {passed} |"


def main(arguments: Sequence[str]) -> int:
    """Write the table into a file, and on the screen."""
    rows = load()
    if not rows:
        sys.stderr.write("No timings yet: run the benchmarks first.\n")
        return 2
    text = markdown(rows)
    sys.stdout.write(f"{text}\n")
    path = Path(arguments[0]) if arguments else PAGE
    path.write_text(between_marks(path.read_text(encoding="utf-8"), text, MARKS), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
