"""What stands beside a spectrum: its background, corrections, a response of other channels."""

from __future__ import annotations

import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy.io import fits

import oda_widgets as oda
from oda_widgets.errors import BadParameter, DamagedFile, FileWarning
from oda_widgets.products.response import Response
from oda_widgets.products.spectrum import Spectrum
from oda_widgets.products.spectrum_data import Background
from tests.products.examples import make_spectrum

N = 40
SECONDS = 1e4
COUNTS = np.linspace(40_000, 400, N).round()
BEHIND = np.full(N, 900.0)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with the response of 40 channels."""
    edges = np.linspace(1, 11, N + 1)
    response = Response(
        energy_low=edges[:-1],
        energy_high=edges[1:],
        channel_low=edges[:-1],
        channel_high=edges[1:],
        redistribution=np.eye(N),
        area=np.full(N, 100.0),
        first_channel=1,
        telescope="TEST",
        instrument="test",
    )
    response.write(tmp_path / "x_rmf.fits")
    return tmp_path


def pha(folder: Path, name: str, columns: dict[str, Any], **keywords: Any) -> Path:
    """Write a spectrum with these columns."""
    n = len(next(iter(columns.values())))
    found = [fits.Column("CHANNEL", "J", array=np.arange(n) + 1)]
    found += [fits.Column(key, "D", array=values) for key, values in columns.items()]
    table = fits.BinTableHDU.from_columns(found, name="SPECTRUM")
    usual = {
        "HDUCLAS1": "SPECTRUM", "EXPOSURE": SECONDS, "RESPFILE": "x_rmf.fits", "TELESCOP": "TEST",
        "ANCRFILE": "x_rmf_arf.fits", "DETCHANS": n, "POISSERR": True,
    }  # fmt: skip
    table.header.update(usual | keywords)
    fits.HDUList([fits.PrimaryHDU(), table]).writeto(folder / name)
    return folder / name


def read(path: Path, **options: Any) -> Spectrum:
    """Read a spectrum that gives no warning."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return Spectrum.read(path, **options)


def test_a_response_of_other_channels_is_refused(folder: Path) -> None:
    half = pha(folder, "half.pha", {"COUNTS": COUNTS[: N // 2]})
    with pytest.raises(BadParameter, match="has 40 channels, the spectrum is of 20"):
        Spectrum.read(half)
    part = pha(folder, "part.pha", {"COUNTS": COUNTS[: N // 2]}, DETCHANS=N)
    assert read(part).good.sum() == N // 2


def test_a_background_of_other_channels_is_refused(folder: Path) -> None:
    pha(folder, "half.pha", {"COUNTS": BEHIND[: N // 2]}, DETCHANS=N)
    whole = pha(folder, "whole.pha", {"COUNTS": COUNTS}, BACKFILE="half.pha")
    with pytest.raises(DamagedFile, match="lacks 20 good channels of the spectrum, 21 the first"):
        Spectrum.read(whole)
    assert read(whole, background=False).good.all()


def test_a_background_may_lack_channels_that_are_bad(folder: Path) -> None:
    pha(folder, "half.pha", {"COUNTS": BEHIND[: N // 2]}, DETCHANS=N)
    columns = {"COUNTS": COUNTS, "QUALITY": np.repeat([0, 1], N // 2)}
    whole = pha(folder, "whole.pha", columns, BACKFILE="half.pha")
    assert read(whole).good.sum() == N // 2


def test_systematic_errors_of_backgrounds_count(folder: Path) -> None:
    columns = {"COUNTS": BEHIND, "SYS_ERR": np.full(N, 0.1)}
    pha(folder, "behind.pha", columns)
    source = read(pha(folder, "source.pha", {"COUNTS": COUNTS}, BACKFILE="behind.pha"))
    assert source.background is not None
    expected = np.hypot(np.sqrt(BEHIND), 0.1 * BEHIND) / SECONDS
    np.testing.assert_allclose(source.background.error, expected)
    assert source.background.counts is None


@pytest.mark.parametrize(
    ("fraction", "statistic"), [(0.0, "cstat"), (1e-4, "cstat"), (0.01, "chi2")]
)
def test_large_systematic_errors_are_fitted_by_chi2(
    folder: Path, fraction: float, statistic: str
) -> None:
    columns = {"COUNTS": COUNTS, "SYS_ERR": np.full(N, fraction)}
    fit = read(pha(folder, "source.pha", columns)).fit("powerlaw")
    assert fit.statistic_name == statistic


@pytest.mark.parametrize("given", [{"CORRSCAL": 1.0}, {"CORRSCAL": -0.5}, {}])
def test_corrections_are_told(folder: Path, given: dict[str, float]) -> None:
    path = pha(folder, "source.pha", {"COUNTS": COUNTS}, CORRFILE="corr.pha", **given)
    with pytest.warns(FileWarning, match=r"corr\.pha .*not subtracted"):
        Spectrum.read(path)


@pytest.mark.parametrize(
    "none", [{"CORRFILE": "none", "CORRSCAL": 1.0}, {"CORRFILE": "corr.pha", "CORRSCAL": 0.0}]
)
def test_no_correction_is_no_matter(folder: Path, none: dict[str, Any]) -> None:
    assert read(pha(folder, "source.pha", {"COUNTS": COUNTS}, **none)).good.all()


def test_backgrounds_in_columns_are_told(folder: Path) -> None:
    columns = {"COUNTS": COUNTS, "BACKGROUND_UP": BEHIND, "BACKGROUND_DOWN": BEHIND}
    path = pha(folder, "source.pha", columns)
    with pytest.warns(FileWarning, match="BACKGROUND_UP and BACKGROUND_DOWN is not subtracted"):
        Spectrum.read(path)
    assert read(path, background=False).background is None


@pytest.mark.parametrize("factor", [1.0, 1 / SECONDS])
def test_errors_beside_rates_and_counts_are_of_one_of_them(folder: Path, factor: float) -> None:
    columns = {
        "COUNTS": COUNTS, "RATE": COUNTS / SECONDS, "STAT_ERR": 1.1 * np.sqrt(COUNTS) * factor,
    }  # fmt: skip
    spectrum = read(pha(folder, "both.pha", columns, POISSERR=False))
    np.testing.assert_allclose(spectrum.rate, COUNTS / SECONDS)
    np.testing.assert_allclose(spectrum.error, 1.1 * np.sqrt(COUNTS) / SECONDS)


def test_rates_say_what_they_are_of_a_background() -> None:
    spectrum = make_spectrum()
    behind = Background(spectrum.rate / 2, spectrum.error)
    both = replace(spectrum, background=behind)
    assert "background" not in str(spectrum)
    assert "counts/s subtracted" in str(both)
    assert "counts/s included" in repr(both.mean_rate)
    low, high = float(both.channel_low[0]), float(both.channel_high[-1])
    whole, net = both.rate_in(low, high), both.rate_in(low, high, net=True)
    assert net.value == pytest.approx(whole.value / 2)
    assert net.error == pytest.approx(whole.error * np.sqrt(2))
    assert both.shown_rate.value == pytest.approx(spectrum.shown_rate.value / 2)
    with pytest.raises(BadParameter, match="no background beside it"):
        spectrum.rate_in(low, high, net=True)


def test_a_written_background_has_the_errors_of_before(folder: Path) -> None:
    columns = {"COUNTS": COUNTS, "SYS_ERR": np.full(N, 0.1)}
    pha(folder, "behind.pha", columns)
    first = read(pha(folder, "source.pha", columns, BACKFILE="behind.pha"))
    first.write(folder / "again.fits")
    again = oda.open(folder / "again.fits")
    assert isinstance(again, Spectrum)
    assert first.background is not None
    assert again.background is not None
    np.testing.assert_allclose(again.background.error, first.background.error)


def test_a_background_may_be_one_row_of_several(folder: Path) -> None:
    rows = np.array([BEHIND, 2 * BEHIND])
    columns = [
        fits.Column("SPEC_NUM", "J", array=[1, 2]),
        fits.Column("CHANNEL", f"{N}J", array=np.tile(np.arange(N) + 1, (2, 1))),
        fits.Column("COUNTS", f"{N}J", array=rows),
        fits.Column("EXPOSURE", "D", array=[SECONDS, SECONDS]),
    ]
    table = fits.BinTableHDU.from_columns(columns, name="SPECTRUM")
    table.header.update({"HDUCLAS1": "SPECTRUM", "POISSERR": True})
    fits.HDUList([fits.PrimaryHDU(), table]).writeto(folder / "behind.pha")
    path = pha(folder, "source.pha", {"COUNTS": COUNTS}, BACKFILE="behind.pha{2}")
    by_name = read(path).background
    given = read(path, background=f"{folder / 'behind.pha'}{{1}}").background
    assert by_name is not None
    assert given is not None
    np.testing.assert_allclose(by_name.rate, 2 * BEHIND / SECONDS)
    np.testing.assert_allclose(given.rate, BEHIND / SECONDS)
