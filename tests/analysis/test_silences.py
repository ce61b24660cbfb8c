"""Telemetry that is missing inside good time, in products of all kinds."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import oda_widgets as oda
from oda_widgets.archive.raw_window import RawWindow
from oda_widgets.archive.simulated.archive import SimulatedArchive
from oda_widgets.archive.write import write_isdc
from oda_widgets.errors import BadParameter
from oda_widgets.request.timespan import SECONDS_PER_DAY

pytestmark = pytest.mark.usefixtures("cache")

WINDOW = "006600220010.001"
SECONDS, GAP = 400.0, (150.0, 250.0)


def of_seconds(raw: RawWindow, low: float, high: float) -> np.ndarray:
    """Return True for the events between two seconds of a window."""
    seconds = (raw.time - raw.window.start) * SECONDS_PER_DAY
    return (seconds >= low) & (seconds < high)


def written(raw: RawWindow, kept: np.ndarray, folder: Path) -> Path:
    """Write some events of a window, as if nothing but good time had been there."""
    start = raw.window.start
    stop = start + SECONDS / SECONDS_PER_DAY
    columns = {n: getattr(raw, n)[kept] for n in ("time", "energy", "dety", "detz", "select_flag")}
    window = replace(raw.window, stop=stop)
    write_isdc(replace(raw, window=window, intervals=None, keywords={}, **columns), folder)
    return folder


@pytest.fixture(scope="module")
def archives(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Give the same photons with a stretch missing, and whole."""
    mission = SimulatedArchive()
    identifier = next(
        w.id for w in mission.science_windows() if abs(w.ra - 83.6) < 3 and abs(w.dec - 22) < 3
    )
    raw = mission.raw(identifier)
    all_of_it = of_seconds(raw, 0, SECONDS)
    folder = tmp_path_factory.mktemp("silences")
    return (
        written(raw, all_of_it & ~of_seconds(raw, *GAP), folder / "gap"),
        written(raw, all_of_it, folder / "whole"),
    )


def test_all_products_leave_the_gap_out(archives: tuple[Path, Path]) -> None:
    gap, whole = (oda.connect(archive=one) for one in archives)
    crab = oda.SourceCatalog.of(["Crab"])
    expected = whole.image("Crab", energy=(40, 80)).catalog["Crab"]
    image = gap.image("Crab", energy=(40, 80))
    spectrum = gap.spectra(catalog=crab)["Crab"]
    curve = gap.light_curves(catalog=crab, energy=(40, 80), time_bin=50)["Crab"]
    for product in (image, spectrum, curve):
        observation = product.observation
        assert observation.ontime == pytest.approx(SECONDS - 100, abs=0.1)
        assert (
            "100.0 s of its good time are left out: no event in them" in observation.intervals_note
        )
        assert "no event in them" in repr(observation)
    found = image.catalog["Crab"]
    assert abs(found.flux - expected.flux) < 4 * expected.flux_error
    assert abs(curve.mean()[0] - expected.flux) < 4 * expected.flux_error
    # Bins in the gap are none; all others have the rate of the source.
    start, edges = curve.observation.start, (curve.time - curve.observation.start) * SECONDS_PER_DAY
    assert start > 0
    assert not np.any((edges > GAP[0]) & (edges < GAP[1]))
    assert np.all(np.abs(curve.rate - expected.flux) < 5 * curve.error)


@pytest.mark.parametrize("what", ["image", "spectra", "light_curves"])
def test_intervals_in_the_gap_are_refused(what: str, archives: tuple[Path, Path]) -> None:
    site = oda.connect(archive=archives[0])
    (window,) = site.science_windows()
    inside = [tuple(window.start + second / SECONDS_PER_DAY for second in (160, 240))]
    ask = getattr(site, what)
    words = {} if what == "image" else {"catalog": oda.SourceCatalog.of(["Crab"])}
    with pytest.raises(BadParameter, match="in a gap of the good time"):
        ask(windows=[window.id], intervals=inside, **words)
