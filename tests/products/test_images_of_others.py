"""Images of others: what their headers say of units, of maps and of axes."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy.io import fits

from oda_widgets.errors import DamagedFile, FileWarning
from oda_widgets.products.image import SkyImage
from tests.products.examples import make_image

_AXES = ("CRVAL1", "CRVAL2", "CD1_1", "CD1_2", "CD2_1", "CD2_2")


def rewritten(folder: Path, change: Any) -> Path:
    """Write an image as another program would, with its HDUs changed."""
    make_image().write(folder / "own.fits")
    with fits.open(folder / "own.fits") as hdus:
        kept = fits.HDUList([hdu.copy() for hdu in hdus])
    del kept[0].header["CREATOR"]
    kept = fits.HDUList([hdu for hdu in kept if change(hdu)])
    kept.writeto(folder / "other.fits")
    return folder / "other.fits"


def in_arcminutes(hdu: Any) -> bool:
    if "CTYPE1" in hdu.header:
        for keyword in _AXES:
            hdu.header[keyword] *= 60.0
        hdu.header["CUNIT1"] = hdu.header["CUNIT2"] = "arcmin"
    return True


def test_axes_may_be_in_arcminutes(tmp_path: Path) -> None:
    image = SkyImage.read(rewritten(tmp_path, in_arcminutes))
    pixels = [[0.0, 0.0], [3.0, 2.0]]
    np.testing.assert_allclose(
        image.wcs.wcs_pix2world(pixels, 0), make_image().wcs.wcs_pix2world(pixels, 0), atol=1e-9
    )


@pytest.mark.parametrize(
    ("unit", "told"), [("arcmin", "CRVAL2 = 6000"), ("m", "not one of angles")]
)
def test_axes_beyond_the_sky_are_refused(tmp_path: Path, unit: str, told: str) -> None:
    def beyond(hdu: Any) -> bool:
        if "CTYPE1" in hdu.header:
            hdu.header["CRVAL2"] = 6000.0
            hdu.header["CUNIT1"] = hdu.header["CUNIT2"] = unit
        return True

    with pytest.raises(DamagedFile, match=told):
        SkyImage.read(rewritten(tmp_path, beyond))


def test_an_exposure_put_everywhere_has_no_unit_of_rates(tmp_path: Path) -> None:
    path = rewritten(tmp_path, lambda hdu: hdu.header.get("IMATYPE") != "EXPOSURE")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        SkyImage.read(path)
    told = [str(one.message) for one in caught if issubclass(one.category, FileWarning)]
    assert len(told) == 1
    assert "no map of EXPOSURE" in told[0]
