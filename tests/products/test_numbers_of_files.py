"""Numbers and units of files are read by one rule in every format: what is odd is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy.io import fits
from astropy.table import Table

import oda_widgets as oda
from oda_widgets.errors import BadParameter, DamagedFile, FileWarning
from oda_widgets.products.files.catalog_columns import distinct_names
from oda_widgets.products.files.units import unit_of
from oda_widgets.request.numbers import finite_number
from tests.products import examples

ECSV = """# %ECSV 1.0
# ---
# datatype:
# - {{name: name, datatype: string}}
# - {{name: ra, datatype: float64, unit: "{unit}"}}
# - {{name: dec, datatype: float64, unit: deg}}
# meta: {meta}
# schema: astropy-2.0
name ra dec
A {ra} {dec}
"""
VOTABLE = """<?xml version="1.0" encoding="utf-8"?>
<VOTABLE version="1.4" xmlns="http://www.ivoa.net/xml/VOTable/v1.3"><RESOURCE><TABLE>
<FIELD name="name" datatype="char" arraysize="*"/>
<FIELD name="ra" datatype="double" unit="{unit}"/><FIELD name="dec" datatype="double"/>
<DATA><TABLEDATA><TR><TD>A</TD><TD>{ra}</TD><TD>{dec}</TD></TR></TABLEDATA></DATA>
</TABLE></RESOURCE></VOTABLE>"""
FORMATS = {
    ".csv": "name,ra,dec\nA,{ra},{dec}\n",
    ".tsv": "name\tra\tdec\nA\t{ra}\t{dec}\n",
    ".dat": "name | ra | dec\nA | {ra} | {dec}\n",
    ".ecsv": ECSV,
    ".vot": VOTABLE,
    ".reg": "fk5\ncircle({ra},{dec},1) # text={{A}}\n",
}
BOMB = "10**(1000000000) deg"


def place(folder: Path, suffix: str, ra: str, dec: str = "5", **more: str) -> tuple[float, float]:
    """Return the position that a file with two texts is read as."""
    path = folder / f"catalogue{suffix}"
    values = {"ra": ra, "dec": dec, "unit": "deg", "meta": "{}"} | more
    path.write_text(FORMATS[suffix].format(**values), encoding="utf-8")
    source = oda.read_catalog(path)[0]
    return source.ra, source.dec


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".dat", ".ecsv", ".reg"])
def test_a_minus_of_typography_is_a_minus(tmp_path: Path, suffix: str) -> None:
    assert place(tmp_path, suffix, "\u221210", "\u20135.5") == (350.0, -5.5)


ODD = ["1_0", "\u0661\u0660", "0x10", "1.2.3", "1" * 5000, "10**2"]


@pytest.mark.parametrize(
    ("suffix", "odd"),
    # Of a VOTable astropy leaves out what is no number for it, with a warning.
    [
        *((s, odd) for s in FORMATS if s != ".vot" for odd in ODD),
        (".vot", ODD[0]),
        (".vot", ODD[1]),
    ],
)
def test_odd_numbers_are_refused_by_name(tmp_path: Path, suffix: str, odd: str) -> None:
    with pytest.raises(DamagedFile, match=r"catalogue\.") as refusal:
        place(tmp_path, suffix, odd)
    assert odd[:3] in str(refusal.value)


@pytest.mark.parametrize("suffix", [".csv", ".dat", ".ecsv", ".reg"])
@pytest.mark.parametrize(
    ("written", "degrees"),
    [("10", 10.0), ("+1.0e1", 10.0), ("1.0D+01", 10.0), (".5", 0.5), ("05:36:00", 84.0)],
)
def test_numbers_that_programs_write_are_read(
    tmp_path: Path, suffix: str, written: str, degrees: float
) -> None:
    assert place(tmp_path, suffix, written) == pytest.approx((degrees, 5.0), abs=1e-12)


@pytest.mark.parametrize("odd", ["1_0", "\u0661\u0660", "0x10", "1" * 5000])
def test_arguments_take_no_odd_numbers(odd: str) -> None:
    with pytest.raises(BadParameter, match="not a number"):
        finite_number("energy", odd)


def test_a_region_whose_values_stand_between_blanks_and_commas_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "sources.reg"
    path.write_text("fk5\ncircle(1 0,2,1)\n")
    with pytest.raises(DamagedFile, match=r"circle\(1 0,2,1\)"):
        oda.read_catalog(path)


@pytest.mark.parametrize("radius", ["nan", "-3", "1e400", "1_0"])
def test_a_radius_that_cannot_be_is_refused(tmp_path: Path, radius: str) -> None:
    (tmp_path / "sources.reg").write_text(f"fk5\ncircle(10,2,{radius})\n")
    with pytest.raises(DamagedFile, match="radius"):
        oda.read_catalog(tmp_path / "sources.reg")


@pytest.mark.parametrize(
    "unit",
    [
        BOMB, "10^1000000000 s", "10+1000000000m", "m1000000000", "(((10**99)**99)**99)**99",
        "10**((1000000000)) s", "m." * 100 + "m", "(" * 500 + "m" + ")" * 500, "1" * 30 + " s",
    ],
)  # fmt: skip
def test_units_that_would_be_computed_are_refused(unit: str) -> None:
    with pytest.raises(DamagedFile, match="no unit of a measurement"):
        unit_of(unit, "the test")


@pytest.mark.parametrize(
    ("unit", "read"),
    [
        ("10**-12 erg/cm**2/s", "1e-12 erg / (s cm2)"),
        ("1e-12 erg cm-2 s-1", "1e-12 erg / (s cm2)"),
        ("10-12 erg/cm2/s", "1e-12 erg / (s cm2)"),
        ("count/s", "ct / s"),
        ("3600 s", "3600 s"),
    ],
)
def test_units_of_astronomy_are_read(unit: str, read: str) -> None:
    assert str(unit_of(unit, "the test")) == read


@pytest.mark.parametrize("suffix", [".ecsv", ".vot"])
def test_a_unit_of_a_table_of_text_is_not_computed(tmp_path: Path, suffix: str) -> None:
    with pytest.raises(DamagedFile, match=r"unit of the column ra is '10\*\*"):
        place(tmp_path, suffix, "10", unit=BOMB)


@pytest.mark.parametrize(
    "tag", [f'!astropy.units.Unit {{unit: "{BOMB}"}}', "!!python/object:x.y {}"]
)
def test_no_object_is_made_of_the_header_of_ecsv(tmp_path: Path, tag: str) -> None:
    assert place(tmp_path, ".ecsv", "10", meta=f"{{a: {tag}}}") == (10.0, 5.0)


def write_with(path: Path, product: Any, unit: int, **cards: Any) -> Path:
    """Write a file of a product with keywords of one HDU changed, as a foreign one."""
    product.write(path) if hasattr(product, "write") else oda.write_catalog(product, path)
    with fits.open(path) as hdus:
        for hdu in hdus:
            for keyword in ("CHECKSUM", "DATASUM", "CREATOR"):
                hdu.header.remove(keyword, ignore_missing=True)
        hdus[unit].header.update(cards)
        hdus.writeto(path, overwrite=True, output_verify="ignore")
    return path


def test_a_unit_of_a_fits_table_is_not_computed(tmp_path: Path) -> None:
    curve = examples.make_light_curve()
    path = write_with(tmp_path / "curve.fits", curve, 1, TUNIT1="10**(1000000000) d")
    with pytest.raises(DamagedFile, match="no unit of a measurement"):
        oda.LightCurve.read(path)


def test_a_unit_of_a_column_that_is_not_needed_hinders_nothing(tmp_path: Path) -> None:
    table = Table({"name": ["A"], "ra": [10.0], "dec": [5.0], "other": [1.0]})
    hdu = fits.table_to_hdu(table)
    hdu.header["TUNIT4"] = BOMB
    hdu.writeto(tmp_path / "catalogue.fits")
    assert oda.read_catalog(tmp_path / "catalogue.fits").names == ("A",)


@pytest.mark.parametrize("display", ["F999999999.2", "I999999999", "E99999999.9"])
def test_no_number_is_shown_as_a_file_says(tmp_path: Path, display: str) -> None:
    catalog = examples.CATALOG
    path = write_with(tmp_path / "catalogue.fits", catalog, 1, TDISP3=display, TDISP4=display)
    assert oda.read_catalog(path) == catalog


@pytest.mark.parametrize(
    ("fields", "data", "words"),
    [
        ('<FIELD name="name" datatype="char" arraysize="0"/>', "BINARY", "cells of '0'"),
        ("", "BINARY", "no bytes"),
        ('<FIELD name="name" datatype="unsignedByte"/>', "BINARY", "300,000 rows"),
        ('<FIELD name="name" datatype="unsignedByte"/>', "BINARY2", "300,000 rows"),
        ('<FIELD name="name" datatype="double"/>' * 900, "BINARY", "cells"),
    ],
)
def test_rows_of_a_votable_are_counted_before_they_are_read(
    tmp_path: Path, fields: str, data: str, words: str
) -> None:
    stream = f'<{data}><STREAM encoding="base64">{"A" * 24_000_000}</STREAM></{data}>'
    path = tmp_path / "catalogue.vot"
    path.write_text(
        f"<VOTABLE><RESOURCE><TABLE>{fields}<DATA>{stream}</DATA></TABLE></RESOURCE></VOTABLE>"
    )
    with pytest.raises(DamagedFile, match=words):
        oda.read_catalog(path)


def test_rows_of_elements_of_a_votable_are_counted(tmp_path: Path) -> None:
    data = f"<TABLEDATA>{'<TR><TD/></TR>' * 300_001}</TABLEDATA>"
    field = '<FIELD name="name" datatype="char"/>'
    (tmp_path / "catalogue.vot").write_text(
        f"<VOTABLE><RESOURCE><TABLE>{field}<DATA>{data}</DATA></TABLE></RESOURCE></VOTABLE>"
    )
    with pytest.raises(DamagedFile, match="more than 300,000 rows"):
        oda.read_catalog(tmp_path / "catalogue.vot")


def test_a_label_of_a_region_without_an_end_is_not_looked_for_again(tmp_path: Path) -> None:
    (tmp_path / "sources.reg").write_text("fk5\ncircle(1,2,3) # " + "text={" * 200_000)
    with pytest.raises(DamagedFile, match="more than 10,000 characters"):
        oda.read_catalog(tmp_path / "sources.reg")


def test_a_name_that_occurs_often_is_numbered_in_one_pass() -> None:
    with pytest.warns(FileWarning, match="numbered"):
        names, _ = distinct_names(["same"] * 100_000 + ["same (3)", "NEW SOURCE"])
    assert names[1] == "same (2)"
    assert names[2] == "same (4)"
    assert names[-2:] == ["same (3)", "NEW_1"]
    assert len(set(names)) == len(names)


IPAC = r"""\catalog of two
|name  |ra     |dec   |
|char  |double |double|
|      |deg    |deg   |
 Crab   83.633  22.014
"""
BY_BYTES = """Title: Sources
================================================================================
Byte-by-byte Description of file: a.dat
--------------------------------------------------------------------------------
   Bytes Format Units  Label   Explanations
--------------------------------------------------------------------------------
   1-  6 A6     ---    name    Name
   8- 13 F6.3   deg    RAdeg   Right ascension
  15- 20 F6.3   deg    DEdeg   Declination
--------------------------------------------------------------------------------
Crab   83.633 22.014
"""


@pytest.mark.parametrize(
    "content",
    [IPAC, BY_BYTES, "# name ra dec\nCrab 83.633 22.014\n", "name  ra dec\nCrab 83.633\t22.014\n",
     "|name|ra|dec|\n|---|---|---|\n|Crab|83.633|22.014|\n", "name;ra;dec\nCrab;83.633;22.014\n"],
    ids=["IPAC", "by bytes", "commented", "blanks", "bars", "semicolons"],
)  # fmt: skip
def test_tables_of_text_are_read_by_what_their_first_lines_show(
    tmp_path: Path, content: str
) -> None:
    (tmp_path / "a.dat").write_text(content)
    source = oda.read_catalog(tmp_path / "a.dat")[0]
    assert (source.name, source.ra, source.dec) == ("Crab", 83.633, 22.014)


@pytest.mark.parametrize("content", [IPAC, BY_BYTES], ids=["IPAC", "by bytes"])
def test_their_units_are_not_computed(tmp_path: Path, content: str) -> None:
    (tmp_path / "a.dat").write_text(
        content.replace("|deg    |deg", "|10^999m|deg").replace("deg    RA", "10+999999999m RA")
    )
    with pytest.raises(DamagedFile, match="no unit of a measurement"):
        oda.read_catalog(tmp_path / "a.dat")


def test_what_has_no_format_is_told_those_that_are_tried(tmp_path: Path) -> None:
    (tmp_path / "a.dat").write_text("<table>" * 500_000)
    with pytest.raises(DamagedFile, match=r"Formats that are tried: byte by byte .*, IPAC"):
        oda.read_catalog(tmp_path / "a.dat")


def test_unsigned_integers_that_are_scaled_further_are_read(tmp_path: Path) -> None:
    """They are legal, and astropy casts no float into them."""
    kinds = [("TIME", ">f8"), ("RATE", ">i4"), ("ERROR", ">f4")]
    rows = np.array([(day, -(2**31) + day, 1.0) for day in range(5, 8)], dtype=kinds)
    header = fits.BinTableHDU(rows.astype(rows.dtype.newbyteorder("=")), name="RATE").header
    header.update(TIMEDEL=1.0, MJDREF=51544.0, TIMEUNIT="d", E_MIN=20.0, E_MAX=40.0)
    header.update(TSCAL2=2.0, TZERO2=2**31)
    parts = [fits.PrimaryHDU().header.tostring(), header.tostring()]
    content = "".join(parts).encode() + rows.tobytes().ljust(2880, b"\0")
    (tmp_path / "curve.fits").write_bytes(content)
    rate = oda.LightCurve.read(tmp_path / "curve.fits").rate
    assert rate.tolist() == [-(2**31) + 2.0 * day for day in range(5, 8)]
