"""Columns of tables: nulls are no numbers, and only numbers are taken for numbers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy.io import fits

import oda_widgets as oda
from oda_widgets.errors import DamagedFile, FileWarning
from tests.products.test_files_of_others import FILES

TIMES = np.arange(6) * 10.0 + 5.0
RATES = np.array([1, 2, 3, 4, 5, 6])
COUNTS = np.arange(60, 20, -1)
NULL = 30000
# How others may write a column, and what the message calls that.
ODD: dict[str, tuple[Callable[[Any], Any], str]] = {
    "C": (lambda values: values + 1j, "complex numbers"),
    "L": (lambda values: values > 2, "truths or bits"),
    "1X": (lambda values: values[:, None] > 2, "truths or bits"),
    "9A": (lambda values: values.astype(str), "text"),
    "PE()": (lambda values: np.array([values[:n] for n in range(len(values))], object), "arrays"),
    "3E": (lambda values: np.stack([values] * 3, axis=1), "list of 3 numbers|3 values in each row"),
}
CURVES = "ignore:It does not say in which energy band"


def curve_file(folder: Path, **columns: fits.Column) -> Path:
    """Return a light curve of six bins of which some columns are others."""
    usual = {
        "TIME": fits.Column("TIME", "D", "s", array=TIMES),
        "RATE": fits.Column("RATE", "E", "count/s", array=RATES),
        "ERROR": fits.Column("ERROR", "E", "count/s", array=np.full(6, 0.1)),
    }
    table = fits.BinTableHDU.from_columns(list((usual | columns).values()), name="RATE")
    stated = {"MJDREF": 51544.0, "TIMEUNIT": "s", "TIMEDEL": 10.0, "TELESCOP": "X"}
    table.header.update(stated | {"HDUCLAS1": "LIGHTCURVE", "OBJECT": "X", "TIMEPIXR": 0.5})
    return written(folder / "curve.fits", table)


def spectrum_file(folder: Path, *columns: fits.Column, **cards: Any) -> Path:
    if not any(column.name == "CHANNEL" for column in columns):
        columns = (fits.Column("CHANNEL", "I", array=np.arange(1, 41)), *columns)
    table = fits.BinTableHDU.from_columns(list(columns), name="SPECTRUM")
    table.header.update({"HDUCLAS1": "SPECTRUM", "EXPOSURE": 10.0, "POISSERR": True} | cards)
    return written(folder / "spectrum.pha", table)


def catalog_file(folder: Path, **columns: fits.Column) -> Path:
    usual = {
        "NAME": fits.Column("NAME", "4A", array=["A", "B", "C"]),
        "RA": fits.Column("RA", "J", "deg", array=[10, 20, 30]),
        "DEC": fits.Column("DEC", "J", "deg", array=[1, 2, 3]),
    }
    table = fits.BinTableHDU.from_columns(list((usual | columns).values()))
    return written(folder / "catalogue.fits", table)


def written(path: Path, table: fits.BinTableHDU) -> Path:
    fits.HDUList([fits.PrimaryHDU(), table]).writeto(path, overwrite=True)
    return path


def scaled(path: Path, spare: str, column: int) -> None:
    """Write a factor of one half for a column in the place of a card; what is stored stays."""
    content = path.read_bytes()
    begin = content.index(spare.encode())
    card = f"TSCAL{column}  =                  0.5".ljust(80).encode()
    path.write_bytes(content[:begin] + card + content[begin + 80 :])


def read_spectrum(path: Path) -> oda.Spectrum:
    return oda.Spectrum.read(path, FILES / "base.rmf", FILES / "base.arf")


def with_null(values: Any, row: int) -> Any:
    changed = np.array(values)
    changed[row - 1] = NULL
    return changed


def nulled(name: str, values: Any, row: int, unit: str | None = None) -> fits.Column:
    return fits.Column(name, "J", unit, null=NULL, array=with_null(values, row))


@pytest.mark.filterwarnings(CURVES)
def test_a_null_in_rates_is_no_rate(tmp_path: Path) -> None:
    curve = oda.open(curve_file(tmp_path, RATE=nulled("RATE", RATES, 3, "count/s")))
    assert isinstance(curve, oda.LightCurve)
    assert np.array_equal(curve.rate, [1, 2, np.nan, 4, 5, 6], equal_nan=True)
    assert curve.mean().value == pytest.approx(3.6)


@pytest.mark.filterwarnings(CURVES)
def test_the_null_of_a_scaled_column_is_what_is_stored(tmp_path: Path) -> None:
    path = curve_file(tmp_path, RATE=nulled("RATE", RATES, 3, "count/s"))
    scaled(path, "TIMEPIXR", 2)
    curve = oda.LightCurve.read(path)
    assert np.array_equal(curve.rate, [0.5, 1, np.nan, 2, 2.5, 3], equal_nan=True)


@pytest.mark.filterwarnings(CURVES)
def test_a_null_in_counts_is_no_rate(tmp_path: Path) -> None:
    counts = {"RATE": nulled("COUNTS", 10 * RATES, 3), "ERROR": nulled("DETNUM", RATES, 1)}
    curve = oda.LightCurve.read(curve_file(tmp_path, **counts))
    assert np.array_equal(curve.rate, [1, 2, np.nan, 4, 5, 6], equal_nan=True)


@pytest.mark.filterwarnings(CURVES)
def test_a_bin_at_no_time_is_left_out(tmp_path: Path) -> None:
    path = curve_file(tmp_path, TIME=nulled("TIME", TIMES.astype(int), 3, "s"))
    with pytest.warns(FileWarning, match="Row 3 of TIME: not a finite number: left out"):
        curve = oda.LightCurve.read(path)
    assert np.array_equal(curve.rate, [1, 2, 4, 5, 6])


@pytest.mark.parametrize(
    "columns",
    [
        [nulled("COUNTS", COUNTS, 4)],
        [
            nulled("RATE", COUNTS, 4, "count/s"),
            fits.Column("STAT_ERR", "E", "count/s", array=np.ones(40)),
        ],
        [fits.Column("COUNTS", "J", array=COUNTS), nulled("QUALITY", np.zeros(40, int), 4)],
    ],
    ids=["counts", "rate", "quality"],
)
def test_a_null_of_a_channel_makes_it_bad(tmp_path: Path, columns: list[fits.Column]) -> None:
    with pytest.warns(FileWarning, match="left out, no number, or no QUALITY: row 4"):
        spectrum = read_spectrum(spectrum_file(tmp_path, *columns, POISSERR=len(columns) == 1))
    assert np.flatnonzero(spectrum.quality).tolist() == [3]


def test_a_null_in_a_row_of_spectra_makes_its_channel_bad(tmp_path: Path) -> None:
    columns = [
        fits.Column("SPEC_NUM", "I", array=[1]),
        fits.Column("CHANNEL", "40I", array=[np.arange(1, 41)]),
        fits.Column("COUNTS", "40J", null=NULL, array=[with_null(COUNTS, 4)]),
    ]
    table = fits.BinTableHDU.from_columns(columns, name="SPECTRUM")
    table.header.update({"HDUCLAS1": "SPECTRUM", "EXPOSURE": 10.0, "POISSERR": True})
    with pytest.warns(FileWarning, match="left out, no number, or no QUALITY: row 4"):
        spectrum = read_spectrum(written(tmp_path / "several.pha", table))
    assert np.flatnonzero(spectrum.quality).tolist() == [3]


def test_a_channel_without_a_number_is_refused(tmp_path: Path) -> None:
    path = spectrum_file(tmp_path, fits.Column("COUNTS", "J", array=COUNTS))
    with fits.open(path) as hdus:
        hdus[1].header["TNULL1"] = 7
        hdus.writeto(tmp_path / "changed.pha")
    with pytest.raises(DamagedFile, match=r"changed\.pha: .*CHANNEL holds nan in row 7"):
        read_spectrum(tmp_path / "changed.pha")


def test_groups_are_marked_as_ogip_says(tmp_path: Path) -> None:
    marks = fits.Column("GROUPING", "I", array=np.where(np.arange(40) == 8, 7, 1))
    path = spectrum_file(tmp_path, fits.Column("COUNTS", "J", array=COUNTS), marks)
    with pytest.raises(DamagedFile, match="GROUPING holds 7 in row 9: it is 1, 0 or -1"):
        read_spectrum(path)


def test_a_source_at_a_scaled_null_is_left_out(tmp_path: Path) -> None:
    right = fits.Column("RA", "J", "deg", null=NULL, array=[10, NULL, 30])
    path = catalog_file(tmp_path, RA=right)
    scaled(path, "TUNIT3", 2)
    with pytest.warns(FileWarning, match="left out: B"):
        catalog = oda.read_catalog(path)
    assert [source.ra for source in catalog] == [5.0, 15.0]


@pytest.mark.filterwarnings(CURVES)
@pytest.mark.parametrize("form", ODD)
@pytest.mark.parametrize("name", ["TIME", "RATE", "ERROR", "FRACEXP", "TIMEDEL"])
def test_a_column_of_a_curve_holds_numbers(tmp_path: Path, form: str, name: str) -> None:
    made, words = ODD[form]
    values = {"TIME": TIMES}.get(name, RATES)
    path = curve_file(tmp_path, **{name: fits.Column(name, form, array=made(values))})
    if (name, form) == ("RATE", "3E"):  # a curve for each: then the errors are too few
        words = "ERROR has 1 values in each row, RATE has 3"
    with pytest.raises(DamagedFile, match=rf"curve\.fits: .*({words})"):
        oda.LightCurve.read(path, column=1)


@pytest.mark.parametrize("form", [form for form in ODD if form not in {"3E", "PE()"}])
@pytest.mark.parametrize("name", ["CHANNEL", "COUNTS", "QUALITY", "SYS_ERR", "GROUPING"])
def test_a_column_of_a_spectrum_holds_numbers(tmp_path: Path, form: str, name: str) -> None:
    made, words = ODD[form]
    columns = {"COUNTS": fits.Column("COUNTS", "J", array=COUNTS)}
    columns[name] = fits.Column(name, form, array=made(COUNTS))
    path = spectrum_file(tmp_path, *columns.values())
    with pytest.raises(DamagedFile, match=rf"spectrum\.pha: .*{name} holds {words}"):
        read_spectrum(path)


@pytest.mark.parametrize("name", ["STAT_ERR", "QUALITY", "AREASCAL"])
def test_a_spectrum_has_one_number_a_channel(tmp_path: Path, name: str) -> None:
    wide = fits.Column(name, "3E", array=np.ones((40, 3)))
    path = spectrum_file(tmp_path, fits.Column("COUNTS", "J", array=COUNTS), wide)
    with pytest.raises(DamagedFile, match=rf"{name} holds a list of 3 numbers in each row"):
        read_spectrum(path)


@pytest.mark.parametrize("form", ["C", "L"])
@pytest.mark.parametrize("name", ["RA", "DEC", "DETSIG", "ERR_RAD"])
def test_a_column_of_a_catalogue_holds_numbers(tmp_path: Path, form: str, name: str) -> None:
    made, words = ODD[form]
    values = made(np.array([1, 2, 3]))
    path = catalog_file(tmp_path, **{name: fits.Column(name, form, array=values)})
    with pytest.raises(DamagedFile, match=rf"catalogue\.fits: The column {name} holds {words}"):
        oda.read_catalog(path)


@pytest.mark.parametrize("form", ["C", "L", "9A"])
@pytest.mark.parametrize(
    ("file", "column"),
    [
        *(("base.rmf", name) for name in ("CHANNEL", "E_MIN", "E_MAX", "ENERG_LO", "ENERG_HI")),
        *(("base.rmf", name) for name in ("N_GRP", "F_CHAN", "N_CHAN", "MATRIX")),
        *(("base.arf", name) for name in ("ENERG_LO", "ENERG_HI", "SPECRESP")),
    ],
)
def test_a_column_of_a_response_holds_numbers(
    tmp_path: Path, file: str, column: str, form: str
) -> None:
    made, words = ODD[form]
    files = {"base.rmf": FILES / "base.rmf", "base.arf": FILES / "base.arf"}
    with fits.open(files[file]) as hdus:
        place = next(n for n, hdu in enumerate(hdus) if n and column in hdu.columns.names)
        table = hdus[place]
        values = np.asarray([np.ravel(row)[0] for row in table.data[column]])
        changed = fits.Column(column, form, array=made(values))
        columns = [changed if each.name == column else each for each in table.columns]
        named = {"name": table.name, "header": table.header.copy(strip=True)}
        hdus[place] = fits.BinTableHDU.from_columns(columns, **named)
        hdus.writeto(tmp_path / file)
    files[file] = tmp_path / file
    with pytest.raises(DamagedFile, match=rf"{file}: The column {column} holds {words}"):
        oda.Response.read(*files.values())
