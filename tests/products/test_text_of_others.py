"""Tables of text as VizieR, astropy, spreadsheets and FITS write them."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pytest
from astropy import units as u
from astropy.coordinates import FK4, FK5, SkyCoord
from astropy.io import fits
from astropy.table import QTable, Table

import oda_widgets as oda
from oda_widgets.errors import DamagedFile
from oda_widgets.request.catalog import SourceCatalog

CRAB = SkyCoord(83.633083, 22.0145, unit="deg")
VIZIER = """#
#   VizieR Astronomical Server
#Column\t_RAJ2000\t(F10.6)\tRight ascension
_RAJ2000\t_DEJ2000\tName\tePos
{units}
----------\t---------\t-----------\t----
{first}\tCrab\t36
299.590\t+35.2\tCyg X-1\t2

#END#
"""


def read(path: Path, content: str) -> SourceCatalog:
    path.write_text(content)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        catalog = oda.open(path)
    assert isinstance(catalog, SourceCatalog)
    return catalog


def at_the_crab(catalog: SourceCatalog) -> bool:
    first = catalog.sources[0]
    place = SkyCoord(first.ra, first.dec, unit="deg")
    return first.name == "Crab" and bool(CRAB.separation(place).deg < 1e-4)


@pytest.mark.parametrize("name", ["v.tsv", "v.txt", "v.dat"])
def test_tables_of_vizier_have_comments_units_and_rules(tmp_path: Path, name: str) -> None:
    content = VIZIER.format(units="deg\tdeg\t\tarcsec", first="083.633083\t+22.014500")
    catalog = read(tmp_path / name, content)
    assert at_the_crab(catalog)
    assert catalog.sources[0].error_radius == pytest.approx(0.01)
    assert catalog.names == ("Crab", "Cyg X-1")


@pytest.mark.parametrize("units", ['"h:m:s"\t"d:m:s"\t\tarcsec', "h m s\td m s\t\tarcsec"])
def test_units_of_vizier_may_be_those_of_sixtieths(tmp_path: Path, units: str) -> None:
    content = VIZIER.format(units=units, first="05 34 31.94\t+22 00 52.2")
    assert at_the_crab(read(tmp_path / "v.tsv", content.replace("299.590", "19 58 21")))


@pytest.mark.parametrize("mark", [";", "\t", "|", ","])
@pytest.mark.parametrize("name", ["v.csv", "v.tsv", "v.txt", "v.dat"])
def test_marks_are_those_that_the_names_have(tmp_path: Path, name: str, mark: str) -> None:
    rows = ("_RAJ2000 _DEJ2000 Name", "deg deg ", "---- ---- ----", "83.633083 22.0145 Crab")
    content = "\n".join(row.replace(" ", mark) for row in rows)
    assert at_the_crab(read(tmp_path / name, content))


@pytest.mark.parametrize(
    "head", ["# from the archive\n# 2 rows, of one region\n", "#\n\n# x\n", "", "#name,ra,dec\n"]
)
def test_comments_of_tables_are_left_out(tmp_path: Path, head: str) -> None:
    names = "" if "name" in head else "name,ra,dec\n"
    content = f"{head}{names}Crab,83.633083,22.0145\n# the next one is new\n#2,10,20\n"
    catalog = read(tmp_path / "c.csv", content)
    assert at_the_crab(catalog)
    assert catalog.names == ("Crab", "#2")  # a name may begin so


def test_a_rule_around_a_table_tells_nothing(tmp_path: Path) -> None:
    rule = "-" * 30
    rows = [rule, "name ra dec", rule, "Crab 83.633083 22.0145", rule]
    assert at_the_crab(read(tmp_path / "c.dat", "\n".join(rows)))
    rows = ["name ra dec", "Crab 83.633083 22.0145", rule]
    assert at_the_crab(read(tmp_path / "d.dat", "\n".join(rows)))


def test_commas_in_numbers_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DamagedFile, match="83,633083"):
        read(tmp_path / "c.csv", "name;ra;dec\nCrab;83,633083;22,0145\n")


@pytest.mark.parametrize("frame", ["icrs", "galactic", FK4(equinox="B1950"), FK5(equinox="J1975")])
def test_coordinates_of_astropy_are_positions(tmp_path: Path, frame: object) -> None:
    table = QTable({"name": ["Crab"], "coord": SkyCoord([CRAB.transform_to(frame)])})
    table.write(tmp_path / "c.ecsv")
    assert at_the_crab(read(tmp_path / "c.ecsv", (tmp_path / "c.ecsv").read_text()))


def test_tables_of_text_in_fits_are_tables(tmp_path: Path) -> None:
    columns = [
        fits.Column("NAME", "A12", array=np.array(["Crab", "Cyg X-1"])),
        fits.Column("RA", "F12.6", unit="hr", array=np.array([CRAB.ra.hour, 20.0])),
        fits.Column("DEC", "F12.6", unit="deg", array=np.array([CRAB.dec.deg, 35.2])),
        fits.Column("NUMBER", "I6", array=np.array([1, 2])),
    ]
    table = fits.TableHDU.from_columns(columns, name="CATALOG")
    fits.HDUList([fits.PrimaryHDU(), table]).writeto(tmp_path / "c.fits")
    catalog = oda.open(tmp_path / "c.fits")
    assert isinstance(catalog, SourceCatalog)
    assert catalog.names == ("Crab", "Cyg X-1")
    assert at_the_crab(catalog)


def test_a_table_of_text_in_fits_has_a_size(tmp_path: Path) -> None:
    column = fits.Column("NAME", "A1", array=np.array(["x"] * 10))
    table = fits.TableHDU.from_columns([column])
    fits.HDUList([fits.PrimaryHDU(), table]).writeto(tmp_path / "c.fits")
    content = (tmp_path / "c.fits").read_bytes()
    more = content.replace(b"TFIELDS =                    1", b"TFIELDS =              9999999")
    (tmp_path / "c.fits").write_bytes(more)
    assert more != content
    with pytest.raises(DamagedFile, match="columns of text"):
        oda.open(tmp_path / "c.fits")


def test_written_tables_come_back(tmp_path: Path) -> None:
    table = Table({"name": ["Crab"], "ra": [CRAB.ra.deg] * u.deg, "dec": [CRAB.dec.deg] * u.deg})
    table.write(tmp_path / "c.ecsv")
    assert at_the_crab(read(tmp_path / "c.ecsv", (tmp_path / "c.ecsv").read_text()))
