"""Spectra as counts on and off a source, for gammapy, hold the rates that they were made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

import oda_widgets as oda
from oda_widgets.errors import BadParameter
from oda_widgets.products.counts import Counts
from oda_widgets.products.spectrum_data import Background
from tests.products.examples import make_spectrum

FILES = ("spectrum.fits", "spectrum_rmf.fits", "spectrum_arf.fits", "spectrum_bkg.fits")


def net(spectrum: oda.Spectrum) -> tuple[np.ndarray, np.ndarray]:
    """Return rates without background, and their errors."""
    behind = spectrum.background
    if behind is None:
        return spectrum.rate, spectrum.error
    return spectrum.rate - behind.rate, np.hypot(spectrum.error, behind.error)


def with_background(spectrum: oda.Spectrum) -> oda.Spectrum:
    rate = np.full(len(spectrum.rate), 0.5)
    return replace(spectrum, background=Background(rate=rate, error=0.1 * rate))


def counted(spectrum: oda.Spectrum) -> oda.Spectrum:
    """Return a spectrum of counts with ten times as long a background."""
    seconds, number = spectrum.observation.live_time, np.arange(len(spectrum.rate)) + 5.0
    counts = Counts(number, np.full(len(number), seconds))
    behind = Counts(number * 2, np.full(len(number), 10 * seconds))
    background = Background(behind.rate, behind.error, behind)
    return replace(
        spectrum, rate=counts.rate, error=counts.error, counts=counts, background=background
    )


def wide_errors(spectrum: oda.Spectrum) -> oda.Spectrum:
    return replace(spectrum, error=spectrum.error + 1.0)


@pytest.mark.parametrize("made", [wide_errors, with_background, counted])
def test_what_is_read_again_has_the_same_rates_and_errors(
    made: Callable[[oda.Spectrum], oda.Spectrum],
    tmp_path: Path,
    fitsverify: Callable[[Path], None],
) -> None:
    spectrum = made(wide_errors(make_spectrum()))
    spectrum.save(tmp_path / FILES[0], layout="on_off")
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(FILES)
    for name in FILES:
        fitsverify(tmp_path / name)
    again = oda.Spectrum.read(tmp_path / FILES[0])
    good = spectrum.quality == 0
    np.testing.assert_array_equal(again.quality == 0, good)
    for ours, theirs in zip(net(spectrum), net(again), strict=True):
        np.testing.assert_allclose(theirs[good], ours[good], rtol=1e-9, atol=1e-12)
    for name in ("redistribution", "area", "channel_low", "energy_high"):
        np.testing.assert_array_equal(
            getattr(again.response, name), getattr(spectrum.response, name)
        )
    assert again.source.name == spectrum.source.name
    assert again.observation.simulated == spectrum.observation.simulated


def test_the_files_have_the_names_that_gammapy_looks_for(tmp_path: Path) -> None:
    """As in gammapy 2.1; with gammapy itself in tests/validation/test_peers_of_spectra.py."""
    wide_errors(make_spectrum()).save(tmp_path / FILES[0], layout="on_off")
    for name in (FILES[0], FILES[3]):
        with fits.open(tmp_path / name) as hdus:
            assert {"COUNTS", "BACKSCAL", "QUALITY"} <= set(hdus["SPECTRUM"].columns.names)
            assert hdus["EBOUNDS"].columns.names[1:] == ["E_MIN", "E_MAX"]
            assert hdus["SPECTRUM"].header["OBS_ID"]
    with fits.open(tmp_path / FILES[1]) as hdus:
        assert hdus["MATRIX"].data["F_CHAN"][0][0] == 0


def test_a_spectrum_that_counts_cannot_hold_is_refused(tmp_path: Path) -> None:
    spectrum, path = wide_errors(make_spectrum()), tmp_path / "x.fits"
    sure = replace(spectrum, error=np.full(len(spectrum.rate), 1e-9))
    with pytest.raises(BadParameter, match="keV is smaller than counts can have"):
        sure.save(path, layout="on_off")
    response = spectrum.response
    apart = replace(response, channel_high=response.channel_high - 0.1 * np.diff(
        np.stack([response.channel_low, response.channel_high]), axis=0)[0])  # fmt: skip
    with pytest.raises(BadParameter, match="channels that adjoin"):
        replace(spectrum, response=apart).save(path, layout="on_off")
    timeless = replace(spectrum, observation=replace(spectrum.observation, live_time=0.0))
    with pytest.raises(BadParameter, match="states no exposure"):
        timeless.save(path, layout="on_off")
    with pytest.raises(BadParameter, match="Choose one of: osa, on_off"):
        spectrum.save(path, layout="gammapy")
    assert not path.exists()
