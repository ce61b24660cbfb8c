"""Light curves of others: their good time counts, and bins that overlap are said."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy.io import fits

import oda_widgets as oda
from oda_widgets.errors import FileWarning

LENGTH = 100.0  # seconds
REFERENCE = {"MJDREFI": 55197, "MJDREFF": 0.0, "TIMESYS": "TT", "TIMEUNIT": "s"}
BAND = {"E_MIN": 20.0, "E_MAX": 40.0}


def curve_table(starts: list[float], column: str = "COUNTS") -> fits.BinTableHDU:
    """Return a light curve of 400 counts or 4 counts/s a bin, whose times are starts of bins."""
    value = 400.0 if column == "COUNTS" else 4.0
    columns = [
        fits.Column("TIME", "D", "s", array=starts),
        fits.Column(column, "D", "count" if column == "COUNTS" else "count/s", array=[value] * 3),
        *([] if column == "COUNTS" else [fits.Column("ERROR", "D", array=[1.0] * 3)]),
    ]
    table = fits.BinTableHDU.from_columns(columns, name="RATE")
    cards = {"TELESCOP": "NICER", "TIMEPIXR": 0.0, "TIMEDEL": LENGTH, "HDUCLAS1": "LIGHTCURVE"}
    table.header.update(REFERENCE | BAND | cards)
    return table


def good_time(spans: list[tuple[float, float]], name: str = "GTI", **cards: Any) -> Any:
    """Return a table of good time."""
    start, stop = np.array(spans, dtype=float).reshape(-1, 2).T
    columns = [
        fits.Column("START", "D", "s", array=start),
        fits.Column("STOP", "D", "s", array=stop),
    ]
    table = fits.BinTableHDU.from_columns(columns, name=name)
    table.header.update(REFERENCE | cards)
    return table


def read(folder: Path, *tables: Any) -> oda.LightCurve:
    path = folder / "curve.fits"
    fits.HDUList([fits.PrimaryHDU(), *tables]).writeto(path)
    return oda.LightCurve.read(path)


@pytest.fixture(autouse=True)
def warnings_are_errors() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("error", FileWarning)
        yield


@pytest.mark.parametrize("name", ["GTI", "STDGTI", "GTI1"])
def test_counts_are_divided_by_the_good_time_of_their_bins(tmp_path: Path, name: str) -> None:
    spans = [(-50.0, 25.0), (75.0, 150.0), (140.0, 200.0), (250.0, 250.0)]
    curve = read(tmp_path, curve_table([0.0, 100.0, 200.0]), good_time(spans, name))
    np.testing.assert_allclose(curve.exposed_fraction, [0.5, 1.0, 0.0], atol=1e-6)
    np.testing.assert_allclose(curve.rate, [8.0, 4.0, np.nan], rtol=1e-5)
    np.testing.assert_allclose(curve.error, [0.4, 0.2, np.nan], rtol=1e-5)


def test_the_good_time_has_a_reference_of_its_own(tmp_path: Path) -> None:
    spans = good_time([(0.0 - 86400, 50.0 - 86400), (100.0 - 86400, 300.0 - 86400)], MJDREFI=55198)
    curve = read(tmp_path, curve_table([0.0, 100.0, 200.0], "RATE"), spans)
    np.testing.assert_allclose(curve.exposed_fraction, [0.5, 1.0, 1.0], atol=1e-6)
    np.testing.assert_array_equal(curve.rate, 4.0)


@pytest.mark.parametrize(
    ("tables", "words"),
    [
        ([good_time([(1e6, 2e6)])], "lies outside all bins"),
        ([good_time([])], "lies outside all bins"),
        ([good_time([(0, 50)], TIMESYS="MARS")], "cannot be used. .*TIMESYS = MARS"),
    ],
)
def test_good_time_that_cannot_be_used_is_said(
    tmp_path: Path, tables: list[Any], words: str
) -> None:
    with pytest.warns(FileWarning, match=words):
        curve = read(tmp_path, curve_table([0.0, 100.0, 200.0]), *tables)
    np.testing.assert_allclose(curve.rate, 4.0)


def test_bins_outside_all_of_several_tables_of_good_time_have_none(tmp_path: Path) -> None:
    tables = good_time([(0, 50)]), good_time([(90, 110)], "GTI2")
    with pytest.warns(FileWarning, match="several tables of good time, GTI, GTI2: bins outside"):
        curve = read(tmp_path, curve_table([0.0, 100.0, 200.0]), *tables)
    np.testing.assert_array_equal(curve.exposed_fraction, [1.0, 1.0, 0.0])
    np.testing.assert_allclose(curve.rate, [4.0, 4.0, np.nan])


@pytest.mark.parametrize(
    ("starts", "number"), [([0.0, 0.0, 100.0], 1), ([0.0, 50.0, 110.0], 2), ([0.0, 85.0, 300.0], 1)]
)
def test_bins_that_overlap_are_said(tmp_path: Path, starts: list[float], number: int) -> None:
    with pytest.warns(FileWarning, match=f"{number} of its 3 bins begin before others end"):
        read(tmp_path, curve_table(starts, "RATE"))


def test_times_that_are_rounded_are_no_overlap(tmp_path: Path) -> None:
    assert len(read(tmp_path, curve_table([0.0, 95.0, 199.0], "RATE"))) == 3
