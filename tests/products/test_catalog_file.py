"""Catalogues: ours without loss, those of others by their names and positions."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits
from astropy.table import Table
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from oda_widgets.errors import BadParameter, DamagedFile
from oda_widgets.products.files.catalog_file import read_catalog, write_catalog
from oda_widgets.request.catalog import SourceCatalog
from tests.products.examples import CATALOG, all_of, catalogs, names, printable_names

SUFFIXES = (".fits", ".fits.gz", ".vot", ".xml", ".ecsv")


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("catalog", [CATALOG, SourceCatalog()], ids=["three", "none"])
def test_a_catalogue_is_read_as_it_was_written(
    tmp_path: Path, catalog: SourceCatalog, suffix: str
) -> None:
    write_catalog(catalog, tmp_path / f"catalogue{suffix}")
    assert all_of(read_catalog(tmp_path / f"catalogue{suffix}")) == all_of(catalog)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(catalog=catalogs(names))
def test_any_name_and_number_survives_fits(
    tmp_path_factory: pytest.TempPathFactory, catalog: SourceCatalog
) -> None:
    path = tmp_path_factory.mktemp("catalogue") / "catalogue.fits"
    write_catalog(catalog, path)
    assert all_of(read_catalog(path)) == all_of(catalog)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(catalog=catalogs(printable_names), suffix=st.sampled_from([".vot", ".ecsv"]))
def test_any_printable_name_and_number_survives_text(
    tmp_path_factory: pytest.TempPathFactory, catalog: SourceCatalog, suffix: str
) -> None:
    path = tmp_path_factory.mktemp("catalogue") / f"catalogue{suffix}"
    write_catalog(catalog, path)
    assert all_of(read_catalog(path)) == all_of(catalog)


def test_the_file_satisfies_fitsverify(tmp_path: Path, fitsverify: Callable[[Path], None]) -> None:
    write_catalog(CATALOG, tmp_path / "catalogue.fits")
    fitsverify(tmp_path / "catalogue.fits")


def test_mmoda_finds_frame_and_columns(tmp_path: Path) -> None:
    write_catalog(CATALOG, tmp_path / "catalogue.fits")
    table = Table.read(tmp_path / "catalogue.fits")
    assert table.meta["FRAME"] == "fk5"
    assert (table.meta["LON_NAME"], table.meta["LAT_NAME"]) == ("ra", "dec")
    assert str(table["ra"].unit) == "deg"


def test_regions_hold_a_circle_per_source(tmp_path: Path) -> None:
    write_catalog(CATALOG, tmp_path / "catalogue.reg")
    lines = (tmp_path / "catalogue.reg").read_text().splitlines()
    assert lines[0].startswith("# Region file format: DS9")
    assert lines[2:] == [
        "fk5",
        "circle(83.63308,22.01447,0.01) # text={Crab}",
        "circle(84.72737,26.31578,0.1) # text={1A 0535+262} dash=1",
        "circle(80.1,20.2,0.05) # text={NEW_1}",
    ]


@pytest.mark.parametrize(
    "columns",
    [("NAME", "RA_OBJ", "DEC_OBJ"), ("name", "ra", "dec"), ("Source", "RAJ2000", "DEJ2000")],
)
def test_other_names_of_columns_are_understood(
    tmp_path: Path, columns: tuple[str, str, str]
) -> None:
    Table([["Crab"], [83.5], [22.25]], names=columns).write(tmp_path / "foreign.fits")
    (source,) = read_catalog(tmp_path / "foreign.fits")
    assert (source.name, source.ra, source.dec) == ("Crab", 83.5, 22.25)
    assert np.isnan(source.significance)
    assert source.selected
    assert not source.new


def test_of_osa_the_fitted_position_is_taken(tmp_path: Path) -> None:
    columns = {
        "NAME": ["NEW_1"], "RA_OBJ": [10.0], "DEC_OBJ": [1.0], "RA_FIN": [10.5], "DEC_FIN": [1.5],
        "FLUX": [[1.0, 2.0]], "DETSIG": [[7.0, 8.0]], "ERR_RAD": [0.05], "NEW_SOURCE": [1],
    }  # fmt: skip
    Table(columns).write(tmp_path / "osa.fits")
    (source,) = read_catalog(tmp_path / "osa.fits")
    assert (source.ra, source.dec, source.ra_fit, source.dec_fit) == (10.5, 1.5, 10.5, 1.5)
    assert source.new
    assert source.error_radius == 0.05
    assert np.isnan(source.flux)


def test_empty_cells_are_not_numbers(tmp_path: Path) -> None:
    table = Table({"name": ["A", "B"], "ra": [1.0, 2.0], "dec": [3.0, 4.0], "ERR_RAD": [0.1, 0.2]})
    table["ERR_RAD"] = np.ma.array([0.1, 0.2], mask=[False, True])
    table.write(tmp_path / "foreign.ecsv")
    assert [s.error_radius for s in read_catalog(tmp_path / "foreign.ecsv")] == [0.1, 0.0]


@pytest.mark.parametrize("missing", ["name", "ra", "dec"])
def test_a_table_without_a_needed_column_says_which(tmp_path: Path, missing: str) -> None:
    table = Table({"name": ["Crab"], "ra": [83.5], "dec": [22.0]})
    table.rename_column(missing, "other")
    table.write(tmp_path / "foreign.ecsv")
    with pytest.raises(DamagedFile, match=f"no column for {missing}.*other"):
        read_catalog(tmp_path / "foreign.ecsv")


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"name": ["A"], "ra": ["five"], "dec": [22.0]}, "neither a number nor an angle"),
        ({"name": ["A"], "ra": [400.0], "dec": [22.0]}, "outside 0 to 360"),
    ],
)
def test_values_that_cannot_be_are_refused(
    tmp_path: Path, table: dict[str, list[object]], message: str
) -> None:
    Table(table).write(tmp_path / "foreign.ecsv")
    with pytest.raises(DamagedFile, match=message):
        read_catalog(tmp_path / "foreign.ecsv")


@pytest.mark.parametrize("suffix", [".vot", ".ecsv", ".fits"])
def test_a_file_that_is_something_else_is_refused(tmp_path: Path, suffix: str) -> None:
    (tmp_path / f"junk{suffix}").write_bytes(b"\x00junk\xff" * 50)
    with pytest.raises(DamagedFile):
        read_catalog(tmp_path / f"junk{suffix}")


def test_fits_without_a_table_is_refused(tmp_path: Path) -> None:
    fits.PrimaryHDU().writeto(tmp_path / "empty.fits")
    with pytest.raises(DamagedFile, match="no table"):
        read_catalog(tmp_path / "empty.fits")


def test_a_missing_file_and_an_unknown_suffix_are_named(tmp_path: Path) -> None:
    for suffix in SUFFIXES:
        with pytest.raises(BadParameter, match="no such file"):
            read_catalog(tmp_path / f"nothing{suffix}")
    with pytest.raises(BadParameter, match=r"\.fits, \.fits\.gz, \.vot, \.xml, \.ecsv"):
        read_catalog(tmp_path / "catalogue.doc")


def test_rows_are_counted_before_sources_are_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr("oda_widgets.products.files.catalog_columns.CatalogSource")
    rows = np.zeros(200_001, [("name", "S1"), ("ra", "f4"), ("dec", "f4")])
    fits.BinTableHDU(rows).writeto(tmp_path / "file.fits")
    with pytest.raises(DamagedFile, match="200,001 rows, more than 200,000"):
        read_catalog(tmp_path / "file.fits")
