"""Write docs/paper.md: figure by figure, our numbers beside the truth and the published ones.

``make paper`` records the answers of all apps from scratch, then runs this.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from math import isfinite
from pathlib import Path

import nbformat

from oda_widgets.files import write_whole
from oda_widgets.panels.apps import App
from oda_widgets.panels.apps.answer import Choices, Part
from oda_widgets.panels.apps.comparison_table import number, published_number, sigmas
from oda_widgets.panels.apps.estimate import Estimate
from oda_widgets.panels.apps.published import Comparison, compared
from oda_widgets.panels.apps.recording import Answer
from scripts.apps import FIGURES, ROOT, app_notebooks, lines_of, opened
from scripts.record_apps import recorded_choices

PAGE = ROOT / "docs" / "paper.md"
_HEAD = """# The paper, redone

<!-- Written by `make paper`, not by hand. -->

The benchmark of the paper on INTEGRAL's online analysis (Neronov et al. 2021, A&A 651, A97,
section 3), and two real bursts, as [apps](gallery.md#the-apps) of this package. Every number was
computed by the notebook that is named. Where the sky is simulated, the truth is what it was made
with, and counts; without a truth the published number counts. Errors are of 68 % and hold the
systematic error that the rates state; published intervals of 90 % are marked so and divided by
1.645, as for a normal distribution, before they are compared. Deviations beyond 3 σ are
**missed**. Seconds are those of two cores that other programs shared. The figures are those that
`save` writes for a paper.

"""
_COMPARED = (
    "| figure | quantity | here | truth | σ | published | σ |\n|---|---|---|---|---|---|---|\n"
)
_ALONE = "With nothing to be compared with:\n\n| figure | quantity | here |\n|---|---|---|\n"


def page_of(paths: list[Path]) -> str:
    """Return the page."""
    sections, rows, lines = [], [], []
    for path in paths:
        with opened(path) as app:
            answer = app.recording.read(app.choices)
            found = [one for part in answer.parts for one in _rows(app, part, app.choices)]
            found += _rows_of_other_choices(app, found)
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


def _rows(app: App, part: Part, choices: Choices) -> Iterator[Comparison]:
    return compared(part.figure, part.values, app.references, choices)


def _rows_of_other_choices(app: App, found: list[Comparison]) -> list[Comparison]:
    """Return the numbers of other recorded choices of which something is known.

    Those that are the same for a choice that is listed are left out.
    """
    listed = {(row.reference.figure, row.reference.quantity, str(row.ours)) for row in found}
    rows = []
    for choices in list(recorded_choices(app))[1:]:
        name = ", ".join(str(choices[key]) for key in choices if choices[key] != app.choices[key])
        for part in app.recording.read(choices).parts:
            for row in _rows(app, part, choices):
                place = row.reference.figure, row.reference.quantity, str(row.ours)
                if _known(row) and place not in listed:
                    listed.add(place)
                    figure = f"{row.reference.figure} ({name})"
                    rows.append(replace(row, reference=replace(row.reference, figure=figure)))
    return rows


def _section(path: Path, answer: Answer, rows: list[Comparison]) -> str:
    notebook = nbformat.read(path, as_version=4)
    title = notebook.cells[0].source.partition("\n")[0].lstrip("# ")
    seconds = f"{answer.seconds:.{0 if answer.seconds >= 1 else 1}f}"
    took = f"{seconds} s, {lines_of(path)} lines, on {answer.made}."
    head = f"## {title}\n\n`notebooks/{path.name}`: {took}\n"
    return "\n".join([head, *_tables(rows), *_notes(rows), *_pictures(path, answer)])


def _tables(rows: list[Comparison]) -> Iterator[str]:
    """Iterate over the table of what can be compared, and that of the rest."""
    compared_rows = [row for row in rows if _known(row)]
    alone = [row for row in rows if not _known(row)]
    if compared_rows:
        yield _COMPARED + "".join(map(_line, compared_rows))
    if alone:
        yield _ALONE + "".join(map(_line_alone, alone))


def _known(row: Comparison) -> bool:
    return isfinite(row.reference.truth) or isfinite(row.reference.published.value)


def _notes(rows: list[Comparison]) -> Iterator[str]:
    """Iterate over the sentences on what differs."""
    for row in rows:
        if row.reference.note:
            name = row.reference.words or row.reference.quantity
            yield f"{row.reference.figure}, {name}: {row.reference.note}\n"


def _line_alone(row: Comparison) -> str:
    return f"| {row.reference.figure} | {_quantity(row)} | {number(row.ours)} |\n"


def _quantity(row: Comparison) -> str:
    unit = f" ({row.reference.unit})" if row.reference.unit else ""
    return f"{row.reference.words or row.reference.quantity}{unit}"


def _line(row: Comparison) -> str:
    known = row.reference
    mark = " **missed**" if row.missed else ""
    truth, from_truth = number(Estimate(known.truth)), sigmas(row.from_truth)
    published, from_published = published_number(known), sigmas(row.from_published)
    if isfinite(known.truth):
        from_truth += mark
    else:
        from_published += mark
    cells = (
        known.figure,
        _quantity(row),
        number(row.ours),
        truth,
        from_truth,
        published,
        from_published,
    )
    return f"| {' | '.join(cells)} |\n"


def _pictures(path: Path, answer: Answer) -> Iterator[str]:
    """Write the figures of an answer beside the page, and iterate over their links."""
    for number_of, part in enumerate(answer.parts, start=1):
        name = f"{path.stem}_{number_of}.png"
        write_whole(FIGURES / name, part.picture)
        yield f"**{part.figure}**\n\n![{part.figure}](paper/{name})\n"


def main() -> None:
    """Write the page of the apps that are recorded."""
    recorded = [
        one for one in app_notebooks() if (one.parent / f"recorded/{one.stem}.zip").is_file()
    ]
    for picture in FIGURES.glob("*.png"):
        picture.unlink()
    write_whole(PAGE, page_of(recorded).encode())


if __name__ == "__main__":
    main()
