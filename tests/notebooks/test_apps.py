"""The apps: shown from their recordings, short, with published numbers that the sky bears out."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise
from math import isfinite
from pathlib import Path

import nbformat
import numpy as np
import pytest

import oda_widgets as oda
from oda_widgets.archive.simulated.epoch import epoch_at
from oda_widgets.archive.simulated.tabulated_spectrum import TabulatedSpectrum
from oda_widgets.archive.simulated.targets import targets
from oda_widgets.panels.apps import App
from oda_widgets.panels.apps.answer import Run
from oda_widgets.panels.apps.published import compared
from scripts.apps import NOTEBOOKS, app_notebooks, lines_of, opened
from scripts.gallery import PICTURES, card_of, figures_of

APPS = app_notebooks()
MOST_LINES, MOST_LINES_OF_ALL = 30, 300
MOST_BYTES = 25_000_000
ERG = 1.602176634e-9  # per keV

each_app = pytest.mark.parametrize("path", APPS, ids=lambda path: path.stem)


@each_app
def test_it_is_shown_from_its_recording_with_published_numbers(
    path: Path, app_of: Callable[[Path], App]
) -> None:
    app = app_of(path)
    assert app.message.value == ""
    assert "Recorded on" in app.state.value
    assert app.parts
    known = [
        row.reference
        for part in app.parts
        for row in compared(part.figure, part.values, app.references, app.choices)
    ]
    assert any(isfinite(one.published.value) or one.note for one in known)
    given = set()
    for choices in _recorded(app):
        answer = app.recording.read(choices)
        given |= {(part.figure, name) for part in answer.parts for name in part.values}
    assert app.references.quantities == given  # where each quantity has its unit


# What the sky has whatever is asked of it: parameters of spectra that do not change.
_OF_ANY_WINDOWS = re.compile(r"PhoInd|Table 1|Figure 17: flare|Figure 16|new sources")


@each_app
def test_a_truth_of_certain_windows_is_not_told_of_others(
    path: Path, app_of: Callable[[Path], App]
) -> None:
    app = app_of(path)
    options = {name: [value for _, value in one.options] for name, one in app.controls.items()}
    for row in app.references.rows:
        for name, value in row.holds_for.items():
            assert value in map(str, options[name])
        if "windows" in options and isfinite(row.truth):
            free = _OF_ANY_WINDOWS.search(f"{row.figure} {row.quantity}")
            assert bool(free) != ("windows" in row.holds_for), row


@each_app
def test_its_text_counts_no_windows(path: Path) -> None:
    """The number is a choice: what depends on it is told beside the numbers."""
    text = " ".join(cell.source for cell in nbformat.read(path, as_version=4).cells[2:])
    assert not re.search(r"\b(\d+|two|ten|twenty|fifty) windows\b|two in each", text), path


@each_app
def test_it_is_short(path: Path) -> None:
    assert lines_of(path) <= MOST_LINES


def test_all_of_them_are_short_and_their_recordings_small() -> None:
    assert sum(map(lines_of, APPS)) <= MOST_LINES_OF_ALL
    sizes = (one.stat().st_size for one in (NOTEBOOKS / "recorded").glob("*.zip"))
    assert sum(sizes) < MOST_BYTES


@each_app
def test_it_has_a_card_with_a_picture(path: Path, app_of: Callable[[Path], App]) -> None:
    card = card_of(path, app_of(path))
    assert card["sentence"]
    assert (PICTURES / card["picture"]).stat().st_size > 1000


def test_a_card_names_each_figure_once_and_in_order() -> None:
    names = ["Figure 16", "Figure 9: flare", "Table 1", "Figure 16: years"]
    assert figures_of(names) == ["Figure 9", "Figure 16", "Table 1"]


@pytest.mark.slow
@each_app
def test_it_is_computed_with_few_windows(path: Path) -> None:
    with opened(path) as app:
        few = {name: control.options[-1][1] for name, control in app.controls.items()}
        parts = list(Run(app.function, app.site, dict(app.choices) | _windows(few)).parts())
        assert [part.figure for part in parts] == [part.figure for part in app.parts]


@pytest.mark.parametrize("band", [(5, 20), (20, 100)])
def test_the_true_fluxes_of_gx_5_1_are_those_of_its_spectrum(
    band: tuple[int, int], app_of: Callable[[Path], App]
) -> None:
    energy = np.geomspace(*band, 20_000)
    density = TabulatedSpectrum("GX 5-1").density(energy)
    flux = np.trapezoid(density * energy, energy) * ERG
    app = app_of(NOTEBOOKS / "3_gx_5_1.ipynb")
    known = app.references.known("Table 1", f"flux {band[0]}-{band[1]} keV", app.choices)
    assert known.truth == pytest.approx(flux, rel=1e-3)


def test_the_true_rates_of_3c_279_are_those_of_its_published_bins(
    app_of: Callable[[Path], App],
) -> None:
    app = app_of(NOTEBOOKS / "4_3c279.ipynb")
    edges = [float(edge.removeprefix("IJD ")) for edge in app.function.__globals__["EDGES"]]
    published = oda.LightCurve.read("data/3c279_bottacini.csv").edges
    assert edges[:5] == pytest.approx([*published[:, 0], published[-1, 1]], abs=0.003)
    [light] = targets()["3C 279"]
    windows = app.site.science_windows("3C 279", edges[0], edges[4], radius=10, limit=None)
    for number, (first, last) in enumerate(pairwise(edges[:5]), start=1):
        parts = [(max(one.start, first), min(one.stop, last)) for one in windows]
        times = np.concatenate([np.arange(*part, 1e-5) for part in parts if part[0] < part[1]])
        area = epoch_at(first, windows[0].revolution).area
        known = app.references.known("Figure 16", f"rate, bin {number}", app.choices)
        assert known.truth == pytest.approx(area * light.curve.level(times).mean(), abs=0.003)


def _windows(choices: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in choices.items() if name == "windows"}


def _recorded(app: object) -> list[dict[str, object]]:
    from scripts.record_apps import recorded_choices

    return list(recorded_choices(app))  # type: ignore[arg-type]
