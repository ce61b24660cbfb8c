"""JEM-X through the public face: the simulated mission's is analysed, a real one is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

import oda_widgets as oda
from oda_widgets.errors import BadParameter

NAMES = ["Crab", "1A 0535+262"]
WINDOWS = ["083500090010.001", "083500100010.001"]


@pytest.fixture(scope="module")
def site() -> oda.Site:
    return oda.connect(archive="simulated", executor="none")


@pytest.fixture(scope="module")
def image(site: oda.Site) -> oda.SkyImage:
    return site.image("Crab", WINDOWS, instrument="jemx1", energy=(3, 20))


def test_mosaic_shows_its_sources(image: oda.SkyImage) -> None:
    crab, other = image.catalog
    assert (crab.name, other.name) == tuple(NAMES)
    assert crab.significance > 500
    assert crab.flux == pytest.approx(123, rel=0.02)


def test_products_say_that_mask_and_response_are_stand_ins(
    image: oda.SkyImage, tmp_path: Path
) -> None:
    assert "SIMULATED" in repr(image)
    image.save(tmp_path / "image.fits")
    with fits.open(tmp_path / "image.fits") as units:
        header = "".join(repr(unit.header) for unit in units)
    assert "stand-in" in header.replace("'\nCONTINUE  '", "").replace("&", "")
    assert "SIMULATED" in header.upper()


def test_channels_of_a_spectrum_add_up_to_the_light_curve(site: oda.Site) -> None:
    spectrum = site.spectra(WINDOWS, catalog=NAMES, instrument="jemx1")["Crab"]
    curve = site.light_curves(
        WINDOWS, catalog=NAMES, instrument="jemx1", energy=(3.04, 34.88), time_bin=100
    )["Crab"]
    mean = np.average(curve.rate, weights=curve.error**-2.0)
    assert spectrum.rate.shape == (16,)
    assert mean == pytest.approx(spectrum.rate.sum(), rel=0.01)
    assert spectrum.response.simulated
    assert "nominal" in spectrum.response.origin


def test_units_have_events_of_their_own(site: oda.Site) -> None:
    curves = [
        site.light_curves(WINDOWS[:1], catalog=["Crab"], instrument=name, time_bin=100)["Crab"]
        for name in ("jemx1", "jemx2")
    ]
    assert not np.array_equal(curves[0].rate, curves[1].rate)


def test_real_events_are_refused_in_words_that_name_who_can_answer() -> None:
    site = oda.connect(archive="sample", executor="none")
    with pytest.raises(BadParameter, match=r"tables of the aperture.*Ask a dispatcher"):
        site.image(windows="255900280010.001", instrument="jemx1", energy=(3, 20))
