"""OSA's calibration tables beside an archive: found, read exactly, or refused in words."""

from __future__ import annotations

import gzip
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from oda_widgets.archive.calibration import (
    NO_CALIBRATION,
    CalibrationFiles,
    calibration_files,
    read_temperatures,
    tables_for,
)
from oda_widgets.archive.damage import ContentError
from oda_widgets.archive.whole_fits import first_table
from tests.archive.calibration_tree import (
    made_tables,
    write_housekeeping,
    write_index,
    write_tree,
)

TIME = 8320.65
KIND = "ISGR-RISE-MOD"


@pytest.fixture
def window(tmp_path: Path) -> Path:
    folder = tmp_path / "scw" / "2559" / "255900280010.001"
    folder.mkdir(parents=True)
    return folder


def found(root: Path, time: float = TIME) -> CalibrationFiles:
    return calibration_files(root, root / "scw" / "2559" / "255900280010.001", time)


def refusal(root: Path, time: float = TIME) -> str:
    """Return why the tables beside an archive are not used."""
    with pytest.raises(ContentError) as caught:
        tables_for(found(root, time), time)
    return str(caught.value)


@pytest.mark.usefixtures("window")
def test_tables_are_read_as_they_were_written(tmp_path: Path) -> None:
    made = made_tables()
    write_tree(tmp_path, made)
    tables = tables_for(found(tmp_path), TIME)
    assert np.array_equal(tables.pixels, made["ISGR-OFFS-MOD"][:, :4])
    assert np.array_equal(tables.modules[:, :5], made["ISGR-MCEC-MOD"])
    assert np.all(tables.modules[:, 5] == 0)
    assert np.array_equal(tables.evolution, made["ISGR-L2RE-MOD"])
    energy, correction = made[KIND]
    assert np.array_equal(tables.table.energy, (energy[:, None] * correction).T)
    assert tables.names[0] == "ibis_isgr_gain_offset_0185"


@pytest.mark.usefixtures("window")
@pytest.mark.parametrize("turned", [False, True])
def test_energies_may_be_an_image(tmp_path: Path, *, turned: bool) -> None:
    path = write_tree(tmp_path)[KIND]
    image = np.random.default_rng(1).uniform(1, 1000, (256, 2048))
    image[3, 7] = np.nan
    unit = fits.ImageHDU(image.T if turned else image, name=KIND)
    fits.HDUList([fits.PrimaryHDU(), unit]).writeto(path, overwrite=True)
    energy = tables_for(found(tmp_path), TIME).table.energy
    assert energy[3, 7] == 0
    assert np.array_equal(energy, np.nan_to_num(image))


@pytest.mark.usefixtures("window")
def test_the_newest_valid_table_is_taken(tmp_path: Path) -> None:
    old = write_tree(tmp_path, version=3)[KIND]
    new = write_tree(tmp_path, version=5)[KIND]
    rows = [(new, 9000.0, 9999.0, 9), (new, 8000.0, 9000.0, 5), (old, 8000.0, 9000.0, 3)]
    write_index(tmp_path, KIND, rows)
    assert found(tmp_path).tables[3] == new.resolve()


@pytest.mark.usefixtures("window")
def test_a_tree_without_indexes_is_looked_through(tmp_path: Path) -> None:
    paths = write_tree(tmp_path)
    shutil.rmtree(tmp_path / "idx")
    assert found(tmp_path).tables == tuple(paths.values())


def test_the_tree_is_found_beside_scw_too(tmp_path: Path, window: Path) -> None:
    write_tree(tmp_path)
    assert calibration_files(tmp_path / "scw", window, TIME).tables


def test_an_archive_without_tables_has_none(tmp_path: Path, window: Path) -> None:
    assert calibration_files(tmp_path, window, TIME) == NO_CALIBRATION
    assert "no calibration tables" in refusal(tmp_path)


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def removed(path: Path) -> None:
    path.unlink()


def truncated(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:5800])


def replaced(path: Path) -> None:
    path.write_text("<html>Service unavailable</html>")


@pytest.mark.usefixtures("window")
@pytest.mark.parametrize("kind", ["ISGR-OFFS-MOD", "ISGR-MCEC-MOD", "ISGR-L2RE-MOD", KIND])
@pytest.mark.parametrize("damage", [emptied, removed, truncated, replaced])
def test_a_damaged_table_is_named(
    tmp_path: Path, kind: str, damage: Callable[[Path], None]
) -> None:
    path = write_tree(tmp_path)[kind]
    damage(path)
    assert path.name in refusal(tmp_path)


@pytest.mark.usefixtures("window")
@pytest.mark.parametrize("kind", ["ISGR-OFFS-MOD", "ISGR-MCEC-MOD", "ISGR-L2RE-MOD", KIND])
def test_values_that_are_no_numbers_are_refused(tmp_path: Path, kind: str) -> None:
    tables = made_tables()
    columns = tables[kind][1] if kind == KIND else tables[kind]
    columns[:] = np.nan
    write_tree(tmp_path, tables)
    assert "hold" in refusal(tmp_path)


@pytest.mark.usefixtures("window")
def test_tables_of_another_epoch_are_refused(tmp_path: Path) -> None:
    write_tree(tmp_path, valid=(1000.0, 2000.0))
    assert "is valid at IJD 8320.6" in refusal(tmp_path)
    write_tree(tmp_path, times=(1000.0, 2000.0, 3000.0))
    assert "covers IJD 1000.0 to 3000.0" in refusal(tmp_path)


@pytest.mark.usefixtures("window")
def test_a_table_outside_the_tree_is_left_out(tmp_path: Path) -> None:
    write_tree(tmp_path)
    write_index(tmp_path, KIND, [("../../../../etc/passwd", 0.0, 99999.0, 1)])
    assert "no table ISGR-RISE-MOD" in refusal(tmp_path)


@pytest.mark.usefixtures("window")
def test_an_index_with_several_times_in_one_field_lists_no_table(tmp_path: Path) -> None:
    write_tree(tmp_path)
    columns = [
        fits.Column("MEMBER_LOCATION", "256A", array=["../../ic/ibis/mod/isgr_rise_mod_0185.fits"]),
        fits.Column("VSTART", "2D", array=[[0.0, 9000.0]]),
        fits.Column("VSTOP", "1D", array=[9000.0]),
        fits.Column("VERSION", "1J", array=[1]),
    ]
    index = tmp_path / "idx" / "ic" / f"{KIND}-IDX.fits"
    fits.BinTableHDU.from_columns(columns, name="GROUPING").writeto(index, overwrite=True)
    assert f"there is no table {KIND}" in refusal(tmp_path)


@pytest.mark.usefixtures("window")
def test_a_damaged_index_is_told(tmp_path: Path) -> None:
    write_tree(tmp_path)
    (tmp_path / "idx" / "ic" / f"{KIND}-IDX.fits").write_bytes(b"nonsense")
    assert refusal(tmp_path).startswith("calibration tables: ")


def test_temperatures_are_means_of_what_was_recorded(tmp_path: Path, window: Path) -> None:
    write_tree(tmp_path)
    truth = np.linspace(-12.0, 5.0, 8)
    write_housekeeping(window, truth)
    np.testing.assert_allclose(read_temperatures(found(tmp_path)), truth, atol=1e-6)


def test_temperatures_that_are_not_recorded_are_the_usual_ones(
    tmp_path: Path, window: Path
) -> None:
    write_tree(tmp_path)
    assert np.all(read_temperatures(found(tmp_path)) == -8.0)
    write_housekeeping(window, np.zeros(8)).write_bytes(b"nonsense")
    assert np.all(read_temperatures(found(tmp_path)) == -8.0)


def test_a_table_packed_in_thousands_of_parts_is_refused_and_named_once(tmp_path: Path) -> None:
    path = tmp_path / "table.fits.gz"
    path.write_bytes(gzip.compress(b"") * 30_000)
    with pytest.raises(ContentError, match="packed in more than 20,000 parts") as refused:
        first_table(path)
    assert str(refused.value).count(path.name) == 1
