"""Write the figures into a document: ``python -m tests.benchmarks.report [file]``."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from tests.benchmarks.rows import Row, load
from tests.validation.report import README, between_marks

MARKS = ("<!-- benchmark -->", "<!-- end of benchmark -->")


def markdown(rows: Sequence[Row]) -> str:
    """Return the figures as a Markdown table."""
    lines = ["| what | here | against | ratio |", "|---|---|---|---|"]
    lines += [f"| {row.subject} | {row.ours} | {row.against} | {row.ratio:.2g} |" for row in rows]
    return "\n".join(lines)


def main(arguments: Sequence[str]) -> int:
    """Write the table into a file, and on the screen."""
    rows = load()
    if not rows:
        sys.stderr.write("No figures yet: run the benchmarks first.\n")
        return 2
    text = markdown(rows)
    sys.stdout.write(f"{text}\n")
    path = Path(arguments[0]) if arguments else README
    path.write_text(between_marks(path.read_text(encoding="utf-8"), text, MARKS), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
