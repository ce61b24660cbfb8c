"""Counts of OGIP files: Poisson or not, and their scaling factors."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy.io import fits

from oda_widgets.errors import FileWarning
from oda_widgets.products.spectrum import Spectrum
from tests.fitting.counted import BEHIND, COUNTS, SECONDS, SECONDS_BEHIND, counted


def edited(folder: Path, keywords: dict[str, Any], **columns: np.ndarray | None) -> Spectrum:
    """Return counts read from a file with keywords and columns changed; None drops a column."""
    counted(background=True).write(folder / "counts.fits")
    with fits.open(folder / "counts.fits") as hdus:
        table = hdus[1]
        kept = [c for c in table.columns if c.name not in columns]
        new = [fits.Column(n, "1D", array=v) for n, v in columns.items() if v is not None]
        changed = fits.BinTableHDU.from_columns(kept + new, header=table.header)
        changed.header.update(keywords)
        for ours in ("CHECKSUM", "DATASUM", "CREATOR"):
            changed.header.remove(ours, ignore_missing=True)
        fits.HDUList([fits.PrimaryHDU(), changed]).writeto(folder / "edited.fits")
    return Spectrum.read(folder / "edited.fits")


ROOT, GEHRELS = np.sqrt(COUNTS), 1.0 + np.sqrt(np.array(COUNTS) + 0.75)


@pytest.mark.parametrize(
    ("poisson", "error"),
    [(True, None), (True, 0 * ROOT), (False, None), (False, ROOT), (False, GEHRELS)],
)
def test_counts_with_errors_of_counts_are_poisson(
    tmp_path: Path,
    poisson: bool,  # noqa: FBT001 - a parameter of the test
    error: np.ndarray | None,
) -> None:
    spectrum = edited(tmp_path, {"POISSERR": poisson}, STAT_ERR=error)
    assert spectrum.counts is not None
    np.testing.assert_array_equal(spectrum.counts.number, COUNTS)
    assert (spectrum.quality == 0).all()


def test_counts_with_errors_of_their_own_are_not_poisson(tmp_path: Path) -> None:
    spectrum = edited(tmp_path, {"POISSERR": False}, STAT_ERR=3 * ROOT + 1)
    assert spectrum.counts is None
    np.testing.assert_allclose(spectrum.error, (3 * ROOT + 1) / SECONDS)


@pytest.mark.parametrize("as_column", [True, False])
def test_areascal_scales_the_exposure_and_backscal_the_background(
    tmp_path: Path,
    as_column: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    half = np.full(len(COUNTS), 0.5)
    keywords = {} if as_column else {"AREASCAL": 0.5, "BACKSCAL": 0.5}
    columns = dict.fromkeys(("AREASCAL", "BACKSCAL"), half if as_column else None)
    spectrum = edited(tmp_path, keywords, **columns)
    assert spectrum.counts is not None
    assert spectrum.background is not None
    assert spectrum.background.counts is not None
    np.testing.assert_allclose(spectrum.counts.exposure, SECONDS / 2)
    np.testing.assert_allclose(spectrum.rate, np.array(COUNTS) / (SECONDS / 2))
    # Half of the area on the detector: half of the background, twice the exposure of it.
    np.testing.assert_allclose(spectrum.background.counts.exposure, 2 * SECONDS_BEHIND)
    np.testing.assert_allclose(spectrum.background.rate, np.array(BEHIND) / SECONDS_BEHIND / 2)


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (np.nan, "no number"),
        (np.inf, "no number"),
        (-5.0, "counts below 0"),
        (-0.4, "counts below 0"),
        (1e300, "counts above"),
        (3.5, "not whole"),
    ],
)
@pytest.mark.parametrize("poisson", [True, False])
def test_a_count_that_is_none_costs_its_own_channel_only(
    tmp_path: Path,
    wrong: float,
    why: str,
    poisson: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    counts = np.array(COUNTS, float)
    counts[2] = wrong
    text = rf"1 channel of {len(COUNTS)} left out, .*{why}.*: row 3\."
    with pytest.warns(FileWarning, match=text):
        spectrum = edited(tmp_path, {"POISSERR": poisson}, COUNTS=counts, STAT_ERR=None)
    np.testing.assert_array_equal(np.flatnonzero(~spectrum.good), [2])
    assert spectrum.counts is not None
    assert np.isnan(spectrum.rate[2])


def test_errors_that_are_none_are_told_with_their_rows(tmp_path: Path) -> None:
    errors = 3 * ROOT + 1
    errors[[0, 3]] = 0.0, np.nan
    with pytest.warns(FileWarning, match=r"2 channels of .* no error above 0: rows 1, 4\."):
        spectrum = edited(tmp_path, {"POISSERR": False}, STAT_ERR=errors)
    np.testing.assert_array_equal(np.flatnonzero(~spectrum.good), [0, 3])


def test_counts_times_a_factor_have_their_square_roots_as_errors(tmp_path: Path) -> None:
    counts = 1.07 * np.array(COUNTS)
    with pytest.warns(FileWarning, match="not whole numbers: their errors"):
        spectrum = edited(tmp_path, {"POISSERR": True}, COUNTS=counts, STAT_ERR=None)
    assert spectrum.counts is None
    np.testing.assert_array_equal(spectrum.good, counts > 0)  # chi2 has no use for an error of 0
    np.testing.assert_allclose(spectrum.error, np.sqrt(counts) / SECONDS)
