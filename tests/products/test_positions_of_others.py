"""Positions of catalogues and regions: where frame, unit or sign stand elsewhere than expected."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy.coordinates import SkyCoord
from astropy.io import fits
from astropy.table import Table

from oda_widgets.errors import DamagedFile, FileWarning
from oda_widgets.products.files.catalog_file import read_catalog
from oda_widgets.request.catalog import SourceCatalog

CRAB = SkyCoord(83.63308, 22.01447, unit="deg", frame="icrs")
CRAB_1950 = CRAB.transform_to("fk4").spherical
CRAB_GALACTIC = CRAB.galactic


def read(path: Path, content: str, warns: str = "") -> SourceCatalog:
    """Read a file of this content, which gives a certain warning or none at all."""
    path.write_text(content)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        if not warns:
            return read_catalog(path)
    with pytest.warns(FileWarning, match=warns):
        return read_catalog(path)


def at_the_crab(catalog: SourceCatalog, tolerance: float = 2e-4) -> bool:
    first = catalog.sources[0]
    return bool(CRAB.separation(SkyCoord(first.ra, first.dec, unit="deg")).deg < tolerance)


@pytest.mark.parametrize("keyword", ["RADECSYS", "RADESYS"])
def test_the_frame_may_stand_in_the_primary_header(tmp_path: Path, keyword: str) -> None:
    table = Table({"NAME": ["Crab"], "RA": [CRAB_1950.lon.deg], "DEC": [CRAB_1950.lat.deg]})
    hdus = fits.HDUList([fits.PrimaryHDU(), fits.table_to_hdu(table)])
    hdus[0].header[keyword] = "FK4"
    hdus[0].header["EQUINOX"] = 1950.0
    hdus.writeto(tmp_path / "catalogue.fits")
    assert at_the_crab(read_catalog(tmp_path / "catalogue.fits"))


def test_the_frame_of_a_table_is_its_own(tmp_path: Path) -> None:
    table = Table({"NAME": ["Crab"], "RA": [CRAB.ra.deg], "DEC": [CRAB.dec.deg]})
    table.meta["RADESYS"] = "ICRS"
    hdus = fits.HDUList([fits.PrimaryHDU(), fits.table_to_hdu(table)])
    hdus[0].header["EQUINOX"] = 1950.0
    hdus.writeto(tmp_path / "catalogue.fits")
    assert at_the_crab(read_catalog(tmp_path / "catalogue.fits"))


@pytest.mark.parametrize("hours", [(None, None, None), ("h", "min", "s"), ("h", "min", "sec")])
@pytest.mark.parametrize(
    "degrees", [(None, None, None), ("deg", "arcmin", "arcsec"), ("deg", "min", "s")]
)
@pytest.mark.parametrize("kind", ["fits", "vot"])
def test_parts_of_angles_count_in_their_own_units(
    tmp_path: Path, hours: tuple[Any, ...], degrees: tuple[Any, ...], kind: str
) -> None:
    table = Table(
        {
            "Name": ["A", "B"],
            "RAh": [5, 5], "RAm": [34, 34], "RAs": [31.94, 31.94],
            "DE-": ["-", "+"], "DEd": [22, 0], "DEm": [30, 30], "DEs": [52.0, 36.0],
        }
    )  # fmt: skip
    names = ("RAh", "RAm", "RAs", "DEd", "DEm", "DEs")
    for name, unit in zip(names, (*hours, *degrees), strict=True):
        table[name].unit = unit
    path = tmp_path / f"catalogue.{kind}"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        table.write(path, format="votable" if kind == "vot" else "fits")
    first, second = read_catalog(path)
    assert first.ra == pytest.approx(83.63308, abs=1e-5)
    assert first.dec == pytest.approx(-22.5144444, abs=1e-6)
    assert second.dec == pytest.approx(0.51, abs=1e-6)


def test_degrees_below_zero_take_their_minutes_along(tmp_path: Path) -> None:
    content = "name,RAh,RAm,DEd,DEm\nA,5,30,-5,30\nB,5,30,-0,30\n"
    first, second = read(tmp_path / "catalogue.csv", content)
    assert (first.dec, second.dec) == (-5.5, -0.5)


def test_right_ascensions_in_parts_have_no_units_of_arc(tmp_path: Path) -> None:
    table = Table({"Name": ["A"], "RAh": [5], "RAm": [34], "DEd": [22], "DEm": [30]})
    table["RAm"].unit = "arcmin"
    table.write(tmp_path / "catalogue.fits")
    with pytest.raises(DamagedFile, match="RAm"):
        read_catalog(tmp_path / "catalogue.fits")


def test_columns_that_name_their_frame_are_right(tmp_path: Path) -> None:
    head = "name,ra,dec,raj2000,dej2000\n"
    old = f"Crab,{CRAB_1950.lon.deg},{CRAB_1950.lat.deg},{CRAB.ra.deg},{CRAB.dec.deg}\n"
    found = read(tmp_path / "old.csv", head + old, warns="raj2000, dej2000 are up to 0.69")
    assert at_the_crab(found)
    same = f"Crab,{CRAB.ra.deg},{CRAB.dec.deg},{CRAB.ra.deg},{CRAB.dec.deg}\n"
    assert at_the_crab(read(tmp_path / "same.csv", head + same))


@pytest.mark.parametrize(
    "column",
    [
        "poserr", "Conf_95_SemiMajor", "RADEC_ERR", "err_ellipse_r0", "POS_ERR", "coo_err_maj",
    ],
)  # fmt: skip
def test_errors_of_positions_have_many_names(tmp_path: Path, column: str) -> None:
    table = Table({"name": ["Crab"], "ra": [CRAB.ra.deg], "dec": [CRAB.dec.deg], column: [36.0]})
    table[column].unit = "arcsec"
    table.write(tmp_path / "catalogue.fits")
    assert read_catalog(tmp_path / "catalogue.fits").sources[0].error_radius == pytest.approx(0.01)


@pytest.mark.parametrize("column", ["e_RAJ2000", "RA_err", "error_ellipse_x", "SemiMajor", "r95_x"])
def test_errors_of_positions_are_not_lost_in_silence(tmp_path: Path, column: str) -> None:
    content = f"name,ra,dec,{column}\nCrab,83.63308,22.01447,0.01\n"
    assert at_the_crab(read(tmp_path / "catalogue.csv", content, warns=f"{column}. Name one"))


def test_radii_without_a_unit_are_told(tmp_path: Path) -> None:
    content = "name,ra,dec,poserr\nCrab,83.63308,22.01447,30\n"
    read(tmp_path / "catalogue.csv", content, warns="poserr states no unit: its values, up to 30")
    content = "name,ra,dec,err_rad\nCrab,83.63308,22.01447,30\n"
    read(tmp_path / "catalogue.csv", content, warns="err_rad states no unit")
    content = "name,ra,dec,poserr [arcsec]\nCrab,83.63308,22.01447,36\n"
    (source,) = read(tmp_path / "catalogue.csv", content)
    assert source.error_radius == pytest.approx(0.01)


@pytest.mark.parametrize(
    ("name", "ra", "dec", "value"),
    [
        ("name", "ra [h]", "dec [deg]", CRAB.ra.hour),
        ("Source Name", "RA (J2000)", "Dec (J2000)", CRAB.ra.deg),
        ("BAT NAME", "RA", "DEC", CRAB.ra.deg),
        ("name", "RA (deg)", "Dec (deg)", CRAB.ra.deg),
        ("name", "ra [rad]", "dec", CRAB.ra.rad),
    ],
)
def test_names_of_columns_may_hold_units_and_blanks(
    tmp_path: Path, name: str, ra: str, dec: str, value: float
) -> None:
    content = f'"{name}","{ra}","{dec}"\nCrab,{value},{CRAB.dec.deg}\n'
    assert at_the_crab(read(tmp_path / "catalogue.csv", content))


@pytest.mark.parametrize(
    "frame", ["galactic # comment", "GALACTIC", "galactic,", "galactic; global color=red"]
)
def test_the_line_of_a_frame_may_hold_more(tmp_path: Path, frame: str) -> None:
    circle = f"circle({CRAB_GALACTIC.l.deg},{CRAB_GALACTIC.b.deg},0.01)"
    assert at_the_crab(read(tmp_path / "a.reg", f"{frame}\n{circle}\n"))


def test_supergalactic_regions_are_read(tmp_path: Path) -> None:
    place = CRAB.supergalactic
    content = f"supergalactic\ncircle({place.sgl.deg},{place.sgb.deg},0.01)\n"
    assert at_the_crab(read(tmp_path / "a.reg", content))


@pytest.mark.parametrize("frame", ["wcsa", "J1975", "physical", "image # pixels", "wcs,", "moon"])
def test_frames_that_are_not_known_are_refused(tmp_path: Path, frame: str) -> None:
    with pytest.raises(DamagedFile, match="which is not one of the sky"):
        read(tmp_path / "a.reg", f"{frame}\ncircle(83.633,22.014,0.01)\n")


@pytest.mark.parametrize(
    "head", ["", "# Region file format: CIAO version 1.0\n", "global color=red\n"]
)
def test_regions_that_may_be_in_pixels_are_refused(tmp_path: Path, head: str) -> None:
    with pytest.raises(DamagedFile, match="may be in pixels"):
        read(tmp_path / "a.reg", f"{head}circle(300.5,40.2,20)\n")


@pytest.mark.parametrize(
    "circle", ['circle(05:34:31.94,+22:00:52.1,30")', 'circle(83.63308d,22.01447d,30")',
               'circle(5h34m31.94s,22d0m52.1s,30")']
)  # fmt: skip
def test_angles_need_no_frame(tmp_path: Path, circle: str) -> None:
    assert at_the_crab(read(tmp_path / "a.reg", f"{circle}\n"))


def test_both_sides_of_two_bars_are_regions(tmp_path: Path) -> None:
    content = "fk5\ncircle(1,2,0.1) || circle(3,4,0.1) # text={pair || of two}\n"
    catalog = read(tmp_path / "a.reg", content)
    np.testing.assert_allclose([source.ra for source in catalog], [1, 3])


@pytest.mark.parametrize("more", ["-circle(1,2,0.01)", "&!box(1,2,1,1)", " * circle(3,4,0.1)"])
def test_regions_made_of_several_shapes_are_refused(tmp_path: Path, more: str) -> None:
    with pytest.raises(DamagedFile, match="made of several shapes"):
        read(tmp_path / "a.reg", f"fk5\ncircle(1,2,0.1){more}\n")
