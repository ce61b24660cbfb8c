"""Catalogues in the frames, units, names of columns and formats that others use."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import astropy.units as u
import numpy as np
import pytest
from astropy.coordinates import FK4, FK5, BarycentricMeanEcliptic, SkyCoord, Supergalactic
from astropy.io import fits
from astropy.io.votable import from_table
from astropy.io.votable.tree import CooSys
from astropy.table import Table

from oda_widgets.errors import BadParameter, DamagedFile, FileWarning
from oda_widgets.products.files.catalog_file import read_catalog, write_catalog
from oda_widgets.request.catalog import SourceCatalog
from tests.products.examples import CATALOG

CRAB = SkyCoord(83.63308, 22.01447, unit="deg", frame="icrs")


def at_the_crab(catalog: SourceCatalog, tolerance: float = 1e-4) -> bool:
    (source,) = catalog
    return bool(CRAB.separation(SkyCoord(source.ra, source.dec, unit="deg")).deg < tolerance)


@pytest.mark.parametrize(
    ("meta", "frame"),
    [
        ({}, "icrs"),
        ({"FRAME": "icrs"}, "icrs"),
        ({"FRAME": "fk5"}, "fk5"),
        ({"FRAME": "J2000"}, "fk5"),
        ({"RADESYS": "FK5", "EQUINOX": 2000.0}, "fk5"),
        ({"RADESYS": "FK5", "EQUINOX": 1975.0}, FK5(equinox="J1975")),
        ({"RADECSYS": "FK4"}, FK4(equinox="B1950")),
        ({"EQUINOX": 1950.0}, FK4(equinox="B1950")),
        ({"FRAME": "fk4", "EQUINOX": "B1950.0"}, FK4(equinox="B1950")),
        ({"FRAME": "GALACTIC"}, "galactic"),
        ({"FRAME": "supergalactic"}, Supergalactic()),
        ({"FRAME": "ecliptic"}, BarycentricMeanEcliptic(equinox="J2000")),
    ],
)
def test_any_frame_is_converted(tmp_path: Path, meta: dict[str, Any], frame: Any) -> None:
    place = CRAB.transform_to(frame).spherical
    table = Table({"name": ["Crab"], "ra": [place.lon.deg], "dec": [place.lat.deg]}, meta=meta)
    table.write(tmp_path / "catalogue.fits")
    assert at_the_crab(read_catalog(tmp_path / "catalogue.fits"))


@pytest.mark.parametrize(
    ("names", "frame"),
    [
        (("GLON", "GLAT"), "galactic"),
        (("l", "b"), "galactic"),
        (("_RAJ2000", "_DEJ2000"), "fk5"),
        (("RA_ICRS", "DE_ICRS"), "icrs"),
        (("RAB1950", "DEB1950"), FK4(equinox="B1950")),
        (("ELON", "ELAT"), BarycentricMeanEcliptic(equinox="J2000")),
        (("RAdeg", "DEdeg"), "icrs"),
    ],
)
def test_names_of_columns_tell_the_frame(
    tmp_path: Path, names: tuple[str, str], frame: Any
) -> None:
    place = CRAB.transform_to(frame).spherical
    columns = {"MAIN_ID": ["Crab"], names[0]: [place.lon.deg], names[1]: [place.lat.deg]}
    Table(columns).write(tmp_path / "catalogue.ecsv")
    assert at_the_crab(read_catalog(tmp_path / "catalogue.ecsv"))


@pytest.mark.parametrize("unit", ["deg", "rad", "arcmin", "arcsec", "hourangle", "h", "mas"])
def test_any_unit_of_angles_is_converted(tmp_path: Path, unit: str) -> None:
    angle = u.hourangle if unit == "h" else u.Unit(unit)
    ra = CRAB.ra.to_value(angle)
    table = Table({"name": ["Crab"], "ra": [ra], "dec": [CRAB.dec.to_value(u.rad)]})
    table["ra"].unit, table["dec"].unit = unit, "rad"
    table["err_rad"] = [3.0] * u.arcmin
    table.write(tmp_path / "catalogue.ecsv")
    catalog = read_catalog(tmp_path / "catalogue.ecsv")
    assert at_the_crab(catalog)
    assert catalog["Crab"].error_radius == pytest.approx(0.05)


@pytest.mark.parametrize(
    ("ra", "dec"),
    [("05 34 31.94", "+22 00 52.1"), ("5h34m31.94s", "22d00m52.1s"), ("05:34:31.94", "22:00:52.1")],
)
@pytest.mark.parametrize("unit", [None, '"h:m:s"'])
def test_sexagesimal_text_is_read(tmp_path: Path, ra: str, dec: str, unit: str | None) -> None:
    table = Table({"Name": ["Crab"], "RAJ2000": [ra], "DEJ2000": [dec]})
    table["RAJ2000"].unit = unit and u.Unit(unit, parse_strict="silent")
    table.write(tmp_path / "catalogue.ecsv")
    assert at_the_crab(read_catalog(tmp_path / "catalogue.ecsv"))


@pytest.mark.parametrize(
    ("meta", "unit", "says"),
    [
        ({"FRAME": "helioprojective"}, "deg", "helioprojective.*is not known"),
        ({"EQUINOX": "soon"}, "deg", "soon.*is not a year"),
        ({}, "furlong", "furlong.*astropy does not know"),
        ({}, "keV", "keV.*not one of angles"),
    ],
)
def test_unknown_frames_and_units_are_refused_by_name(
    tmp_path: Path, meta: dict[str, Any], unit: str, says: str
) -> None:
    columns = [
        fits.Column("NAME", "4A", array=["Crab"]),
        fits.Column("RA", "D", unit, array=[83.6]),
        fits.Column("DEC", "D", "deg", array=[22.0]),
    ]
    table = fits.BinTableHDU.from_columns(columns)
    table.header.update(meta)
    table.writeto(tmp_path / "catalogue.fits")
    with pytest.raises(DamagedFile, match=says):
        read_catalog(tmp_path / "catalogue.fits")


@pytest.mark.parametrize(("system", "frame"), [("galactic", "galactic"), ("eq_FK5", "fk5")])
def test_the_system_of_a_votable_counts(tmp_path: Path, system: str, frame: str) -> None:
    place = CRAB.transform_to(frame).spherical
    document = from_table(Table({"name": ["Crab"], "lon": [place.lon.deg], "lat": [place.lat.deg]}))
    equinox = "J2000" if system == "eq_FK5" else None
    document.resources[0].coordinate_systems.append(
        CooSys(ID="sys", system=system, equinox=equinox)
    )
    document.to_xml(str(tmp_path / "catalogue.vot"))
    assert at_the_crab(read_catalog(tmp_path / "catalogue.vot"))


def test_rows_without_a_position_cost_only_themselves(tmp_path: Path) -> None:
    table = Table({"name": ["A", "B", "C"], "ra": [1.0, np.nan, 3.0], "dec": [1.0, 2.0, 3.0]})
    table.write(tmp_path / "catalogue.ecsv")
    with pytest.warns(FileWarning, match="Without a position.*B"):
        assert read_catalog(tmp_path / "catalogue.ecsv").names == ("A", "C")


def test_names_that_occur_twice_are_numbered(tmp_path: Path) -> None:
    names = ["A", "A", "NEW SOURCE", "NEW_1", "NEW SOURCE"]
    place = np.arange(5.0)
    Table({"name": names, "ra": place, "dec": place}).write(tmp_path / "catalogue.ecsv")
    with pytest.warns(FileWarning, match=r"numbered: A \(2\)"):
        found = read_catalog(tmp_path / "catalogue.ecsv").names
    assert found == ("A", "A (2)", "NEW_2", "NEW_1", "NEW_3")


def test_fluxes_that_are_no_count_rates_are_left_out(tmp_path: Path) -> None:
    table = Table({"name": ["A"], "ra": [1.0], "dec": [2.0], "flux": [3.0]})
    table["flux"].unit = "erg / (cm2 s)"
    table.write(tmp_path / "catalogue.ecsv")
    with pytest.warns(FileWarning, match="flux"):
        (source,) = read_catalog(tmp_path / "catalogue.ecsv")
    assert np.isnan(source.flux)


def test_several_tables_are_listed_and_chosen(tmp_path: Path) -> None:
    hdus = [fits.PrimaryHDU()]
    for name in ("BRIGHT", "FAINT"):
        table = Table({"name": [name], "ra": [1.0], "dec": [2.0]})
        hdus.append(fits.BinTableHDU(table, name=name))
    fits.HDUList(hdus).writeto(tmp_path / "two.fits")
    with pytest.raises(BadParameter, match=r"2 tables of sources.*1: BRIGHT; 2: FAINT"):
        read_catalog(tmp_path / "two.fits")
    assert SourceCatalog.read(tmp_path / "two.fits", row=2).names == ("FAINT",)


REGIONS = """# Region file format: DS9
global color=green
fk5;circle(84.747139, 26.298042, 240')  # text={1A 0535+262}
circle(5:34:31.94,+22:00:52.1,30") # text={Crab} dash=1
-circle(84.7,26.3,0.1) # text={not this}
galactic
point(184.5575,-5.7843) # point=cross text="Crab again"
polygon(1,2,3,4,5,6)
icrs
box(83.6d,22.0d,10",10",0)
"""


def test_regions_of_ds9_are_sources(tmp_path: Path) -> None:
    (tmp_path / "sources.reg").write_text(REGIONS)
    with (
        pytest.warns(FileWarning, match="1 region of other shapes"),
        pytest.warns(FileWarning, match="1 region that DS9 excludes"),
    ):
        catalog = read_catalog(tmp_path / "sources.reg")
    assert catalog.names == ("1A 0535+262", "Crab", "Crab again", "region 5")
    assert [source.error_radius for source in catalog] == pytest.approx([4, 30 / 3600, 0, 0])
    assert [source.selected for source in catalog] == [True, False, True, True]
    for source in catalog[1:]:
        assert (source.ra, source.dec) == pytest.approx((83.63, 22.01), abs=0.05)


def test_regions_in_pixels_are_refused(tmp_path: Path) -> None:
    (tmp_path / "sources.reg").write_text("physical\ncircle(100,200,5)\n")
    with pytest.raises(DamagedFile, match="frame physical"):
        read_catalog(tmp_path / "sources.reg")


def test_our_own_regions_come_back(tmp_path: Path) -> None:
    write_catalog(CATALOG, tmp_path / "ours.reg")
    read = read_catalog(tmp_path / "ours.reg")
    assert read == CATALOG
    assert [s.error_radius for s in read] == [s.error_radius for s in CATALOG]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", "Name,RA,DEC\nCrab,83.63308,22.01447\n"),
        ("a.csv", "\ufeffSOURCE_NAME,RAJ2000,DEJ2000\nCrab,05 34 31.94,+22 00 52.1\n"),
        ("a.tsv", "name\tglon\tglat\nCrab\t184.5575\t-5.7843\n"),
        ("a.dat", "name ra dec\nCrab 83.63308 22.01447\n"),
    ],
)
def test_text_tables_are_read(tmp_path: Path, name: str, content: str) -> None:
    (tmp_path / name).write_text(content, encoding="utf-8")
    assert at_the_crab(read_catalog(tmp_path / name), 5e-4)
