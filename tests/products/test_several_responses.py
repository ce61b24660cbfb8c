"""Matrices for several times and areas in rows: the one of the spectrum is read."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

import oda_widgets as oda
from oda_widgets.errors import BadParameter, DamagedFile, FileWarning
from tests.products.test_files_of_others import FILES

TIMES = ((0.0, 10.0), (10.0, 50.0), (50.0, 60.0))


@pytest.fixture
def rsp2(tmp_path: Path) -> Path:
    """Give a file of three matrices, each for a time; number n is n thirds of the whole."""
    with fits.open(FILES / "base.rmf") as hdus:
        matrix = next(hdu for hdu in hdus if hdu.name in {"MATRIX", "SPECRESP MATRIX"})
        others = [hdu for hdu in hdus if hdu is not matrix]
        blocks = []
        for number, (start, stop) in enumerate(TIMES, 1):
            block = fits.BinTableHDU(matrix.data.copy(), matrix.header.copy(), name=matrix.name)
            for index, row in enumerate(matrix.data["MATRIX"]):
                block.data["MATRIX"][index] = number / len(TIMES) * row
            block.header["TSTART"], block.header["TSTOP"] = start, stop
            block.header["EXTVER"] = number
            blocks.append(block)
        fits.HDUList([*others, *blocks]).writeto(tmp_path / "several.rsp2")
    return tmp_path / "several.rsp2"


def spectrum_at(tmp_path: Path, start: float, stop: float) -> Path:
    with fits.open(FILES / "base.pha") as hdus:
        hdus[1].header["TSTART"], hdus[1].header["TSTOP"] = start, stop
        hdus.writeto(tmp_path / "timed.pha")
    return tmp_path / "timed.pha"


@pytest.mark.parametrize(("start", "stop", "number"), [(0, 9, 1), (8, 30, 2), (48, 70, 3)])
def test_the_matrix_that_shares_most_time_is_read(
    tmp_path: Path, rsp2: Path, start: float, stop: float, number: int
) -> None:
    path = spectrum_at(tmp_path, start, stop)
    with pytest.warns(FileWarning, match=f"number {number} is that of the spectrum"):
        found = oda.Spectrum.read(path, rsp2, FILES / "base.arf")
    whole = oda.Response.read(FILES / "base.rmf", FILES / "base.arf")
    part = found.response.redistribution.sum() / whole.redistribution.sum()
    assert part == pytest.approx(number / len(TIMES), rel=1e-5)


def test_without_a_time_in_common_one_is_to_be_chosen(tmp_path: Path, rsp2: Path) -> None:
    with pytest.raises(BadParameter, match="3 matrices for different times"):
        oda.Spectrum.read(spectrum_at(tmp_path, 100, 200), rsp2, FILES / "base.arf")


@pytest.fixture
def areas(tmp_path: Path) -> Path:
    """Give a file of two areas in rows, the second twice the first."""
    with fits.open(FILES / "base.arf") as hdus:
        table = hdus[1].data
        form = f"{len(table)}D"
        rows = {name: np.asarray(table[name], float) for name in table.names}
        columns = [
            fits.Column("ENERG_LO", form, "keV", array=np.stack([rows["ENERG_LO"]] * 2)),
            fits.Column("ENERG_HI", form, "keV", array=np.stack([rows["ENERG_HI"]] * 2)),
            fits.Column("SPECRESP", form, "cm**2", array=np.outer([1, 2], rows["SPECRESP"])),
        ]
        two = fits.BinTableHDU.from_columns(columns, name="SPECRESP")
        two.header["HDUCLAS2"] = "SPECRESP"
        fits.HDUList([fits.PrimaryHDU(), two]).writeto(tmp_path / "two.arf")
    return tmp_path / "two.arf"


def test_the_area_of_the_row_of_the_spectrum_is_read(areas: Path) -> None:
    one, other = (
        oda.Spectrum.read(FILES / "pha2_two_rows.fits", FILES / "base.rmf", areas, row=row)
        for row in (1, 2)
    )
    assert np.allclose(other.response.area, 2 * one.response.area)


def test_of_several_areas_one_is_to_be_chosen(areas: Path) -> None:
    with pytest.raises(BadParameter, match="2 effective areas"):
        oda.Spectrum.read(FILES / "base.pha", FILES / "base.rmf", areas)


def test_a_single_map_says_what_an_image_needs(tmp_path: Path) -> None:
    path = tmp_path / "significance.fits"
    hdu = fits.PrimaryHDU(np.zeros((4, 4)))
    hdu.header["CTYPE1"], hdu.header["CTYPE2"] = "RA---TAN", "DEC--TAN"
    hdu.writeto(path)
    with pytest.raises(DamagedFile, match="single map: its errors do not follow"):
        oda.open(path)
