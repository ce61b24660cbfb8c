"""Write docs/paper.md: figure by figure, our numbers beside the truth and the published ones.

``make paper`` records the answers of all apps from scratch, then runs this.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import isfinite
from pathlib import Path

import nbformat

from oda_widgets.files import write_whole
from oda_widgets.panels.apps import App
from oda_widgets.panels.apps.answer import Part
from oda_widgets.panels.apps.comparison_table import number, sigmas
from oda_widgets.panels.apps.estimate import Estimate
from oda_widgets.panels.apps.published import Comparison, compared
from oda_widgets.panels.apps.recording import Answer
from scripts.apps import FIGURES, ROOT, app_notebooks, lines_of, opened

PAGE = ROOT / "docs" / "paper.md"
_HEAD = """# The paper, redone

<!-- Written by `make paper`, not by hand. -->

The benchmark of the paper on INTEGRAL's online analysis (Neronov et al. 2021, A&A 651, A97,
section 3), and two real bursts, as [apps](gallery.md#the-apps) of this package. Every number was
computed by the notebook that is named. Where the sky is simulated, the truth is what it was made
with, and counts; without a truth the published number counts. Errors hold the systematic error
that the rates state. Deviations beyond 3 σ are **missed**. Seconds are those of two cores that
other programs shared.

"""
_COLUMNS = (
    "| figure | quantity | here | truth | σ | published | σ |\n|---|---|---|---|---|---|---|\n"
)


def page_of(paths: list[Path]) -> str:
    """Return the page."""
    sections, rows, lines = [], [], []
    for path in paths:
        with opened(path) as app:
            answer = app.recording.read(app.choices)
            found = [one for part in answer.parts for one in _rows(app, part)]
        sections.append(_section(path, answer, found))
        rows += found
        lines.append(lines_of(path))
    return _HEAD + _summary(rows, lines) + "\n".join(sections)


def _summary(rows: list[Comparison], lines: list[int]) -> str:
    judged = [row for row in rows if isfinite(row.judged)]
    missed = sum(row.missed for row in judged)
    return (
        f"{len(rows)} numbers, {len(judged)} of them with an error and something to be compared "
        f"with: {len(judged) - missed} within 3 σ, {missed} missed. {sum(lines)} lines of code in "
        f"{len(lines)} notebooks.\n\n"
    )


def _rows(app: App, part: Part) -> Iterator[Comparison]:
    return compared(part.figure, part.values, app.references)


def _section(path: Path, answer: Answer, rows: list[Comparison]) -> str:
    notebook = nbformat.read(path, as_version=4)
    title = notebook.cells[0].source.partition("\n")[0].lstrip("# ")
    took = f"{answer.seconds:.0f} s, {lines_of(path)} lines, on {answer.made}."
    head = f"## {title}\n\n`notebooks/{path.name}`: {took}\n\n"
    table = _COLUMNS + "".join(map(_line, rows))
    return f"{head}{table}\n{_pictures(path, answer)}"


def _line(row: Comparison) -> str:
    known = row.reference
    mark = " **missed**" if row.missed else ""
    truth, from_truth = number(Estimate(known.truth)), sigmas(row.from_truth)
    published, from_published = number(known.published), sigmas(row.from_published)
    if isfinite(known.truth):
        from_truth += mark
    else:
        from_published += mark
    unit = f" ({known.unit})" if known.unit else ""
    cells = (
        known.figure,
        f"{known.quantity}{unit}",
        number(row.ours),
        truth,
        from_truth,
        published,
        from_published,
    )
    return f"| {' | '.join(cells)} |\n"


def _pictures(path: Path, answer: Answer) -> str:
    names = [(part.figure, f"{path.stem}_{n}.png") for n, part in enumerate(answer.parts, start=1)]
    shown = [f"![{figure}](paper/{name})\n" for figure, name in names if (FIGURES / name).is_file()]
    return "\n".join(shown)


def main() -> None:
    """Write the page of the apps that are recorded."""
    recorded = [
        one for one in app_notebooks() if (one.parent / f"recorded/{one.stem}.zip").is_file()
    ]
    write_whole(PAGE, page_of(recorded).encode())


if __name__ == "__main__":
    main()
