"""Files that OSA and others have written, as they are."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from oda_widgets.products.image import SkyImage
from oda_widgets.products.light_curve import LightCurve
from oda_widgets.products.spectrum import Spectrum
from tests.real_data import OSA_IMAGE, file_from_elsewhere


def test_ngc_2110(real_files: Path) -> None:
    spectrum = Spectrum.read(real_files / "NGC2110_ursini_spectrum_osa10.fits")
    np.testing.assert_allclose(
        spectrum.rate,
        [.323, .293, .294, .287, .308, .297, .294, .352, .392, .322, .145, .110, .060, .024],
        atol=6e-4,
    )  # fmt: skip
    assert (spectrum.channel_low[0], spectrum.channel_high[-1]) == pytest.approx((17.3083, 300.22))
    assert spectrum.response.first_channel == 0
    assert (spectrum.quality == 0).all()
    assert (spectrum.systematic_error == 0).all()
    assert spectrum.observation.live_time == 1e5
    assert not spectrum.source.has_position


def test_ngc_2110_folds_like_the_published_fit(real_files: Path) -> None:
    """A power law of index 1.8138 and norm 0.0362 gives chi2 8.78 in 22-200 keV (fitting.md)."""
    spectrum = Spectrum.read(real_files / "NGC2110_ursini_spectrum_osa10.fits")
    low, high = spectrum.response.energy_low, spectrum.response.energy_high
    photons = 0.0362 * (low**-0.8138 - high**-0.8138) / 0.8138
    chosen = (spectrum.channel_low > 22) & (spectrum.channel_high < 200)
    pulls = (spectrum.rate - spectrum.response.fold(photons)) / spectrum.error
    assert np.count_nonzero(chosen) == 11
    assert np.square(pulls[chosen]).sum() == pytest.approx(8.78, abs=0.3)


def test_a_jemx_light_curve_is_read(real_files: Path) -> None:
    curve = LightCurve.read(real_files / "Crab_JMX1_lc_010200230010.fits.gz")
    assert (curve.energy.low, curve.energy.high) == (3.04, 34.88)
    assert len(curve) == 96
    assert curve.name == "J053432.0+220052"  # its NAME is an unfilled template
    assert curve.source.ra == pytest.approx(83.6302)
    assert curve.rate.mean() == pytest.approx(136.0, abs=0.1)
    assert curve.error.mean() == pytest.approx(14.9, abs=0.1)
    assert curve.background.mean() == pytest.approx(6.2, abs=0.1)
    np.testing.assert_allclose(curve.width, 20, rtol=1e-6)
    assert np.isnan(curve.total_counts).all()
    assert curve.observation.instrument == "jemx1"
    assert curve.observation.science_windows == ("010200230010",)
    assert curve.observation.revolution == 102


def test_an_image_of_ii_skyimage() -> None:
    image = SkyImage.read(file_from_elsewhere(OSA_IMAGE))
    assert image.shape == (400, 400)
    assert image.pixel_size == pytest.approx(0.082286, abs=1e-6)
    assert np.nanmax(image.significance) == pytest.approx(146.8, abs=0.1)
    row, column = np.unravel_index(np.nanargmax(image.significance), image.shape)
    ra, dec = image.wcs.wcs_pix2world(column, row, 0)
    assert (ra, dec) == pytest.approx((83.62, 22.05), abs=0.01)
    assert np.isnan(image.intensity[0, 0])
    assert image.observation.live_time == pytest.approx(1214.63, abs=0.01)
