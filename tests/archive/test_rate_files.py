"""What files of the ISDC's structure say about rates; we make them, since none can be had."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy.io import fits

from oda_widgets.archive import whole_fits
from oda_widgets.archive.calibration_index import tree_beside
from oda_widgets.archive.damage import ContentError
from oda_widgets.archive.rate_files import (
    RateFiles,
    rate_files,
    read_context,
    read_efficiencies,
    read_live_fractions,
)
from tests.archive.calibration_tree import (
    made_efficiencies,
    write_context,
    write_dead_time,
    write_efficiencies,
    write_tree,
)

TIME = 8320.65
ALL = np.ones((128, 128))


@pytest.fixture
def window(tmp_path: Path) -> Path:
    """Give the folder of a science window."""
    folder = tmp_path / "scw" / "2559" / "255900280010.001"
    folder.mkdir(parents=True)
    return folder


def found(window: Path) -> RateFiles:
    return rate_files(tree_beside(window.parents[2]), window, TIME)


def test_an_archive_without_such_files_says_what_is_missing(window: Path) -> None:
    assert found(window) == RateFiles()
    assert "ISGR-EFFC-MOD" in found(window).problem


def test_dead_time_thresholds_and_efficiencies_are_found(window: Path) -> None:
    dead = write_dead_time(window, np.full((8, 3), 0.25))
    context = write_context(window.parent, ALL, ALL, ALL)
    efficiency = write_efficiencies(window.parents[2], made_efficiencies())
    assert found(window) == RateFiles(dead, efficiency, context, "")


def test_efficiencies_of_another_epoch_are_not_used(window: Path) -> None:
    write_efficiencies(window.parents[2], made_efficiencies(), valid=(1000, 2000))
    assert found(window).efficiency is None
    assert "valid at IJD 8320.6" in found(window).problem


def test_a_tree_with_tables_of_energies_only_has_no_efficiencies(window: Path) -> None:
    write_tree(window.parents[2])
    assert "there is no table ISGR-EFFC-MOD" in found(window).problem


def test_another_dead_time_is_another_content(window: Path) -> None:
    write_dead_time(window, np.full((8, 3), 0.25))
    before = found(window).content
    write_dead_time(window, np.full((8, 4), 0.26))
    assert len({before, found(window).content, RateFiles().content}) == 3


def test_live_fractions_are_those_of_modules_in_time(window: Path) -> None:
    dead = np.linspace(0.2, 0.3, 8)[:, None] + np.array([-0.01, 0.01])
    live = read_live_fractions(write_dead_time(window, dead))
    np.testing.assert_allclose(live, 1 - dead, rtol=1e-6)


def test_the_table_of_efficiencies_is_read_exactly(window: Path) -> None:
    modules, by_threshold, known = made_efficiencies()
    table = read_efficiencies(write_efficiencies(window, (modules, by_threshold, known)))
    np.testing.assert_array_equal(table.module, modules)
    np.testing.assert_array_equal(table.threshold, by_threshold)
    np.testing.assert_array_equal(table.known, known)
    assert table.name == "isgr_effc_mod_0185"


def _without_unit(path: Path) -> None:
    fits.PrimaryHDU().writeto(path, overwrite=True)


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:3000])


@pytest.mark.parametrize("damage", [_without_unit, _cut])
@pytest.mark.parametrize("kind", ["dead time", "context", "efficiencies"])
def test_a_damaged_file_is_refused_by_name(
    window: Path, kind: str, damage: Callable[[Path], None]
) -> None:
    write: dict[str, Callable[[], Path]] = {
        "dead time": lambda: write_dead_time(window, np.full((8, 3), 0.25)),
        "context": lambda: write_context(window.parent, ALL, ALL, ALL),
        "efficiencies": lambda: write_efficiencies(window, made_efficiencies()),
    }
    read: dict[str, Callable[[Path], Any]] = {
        "dead time": read_live_fractions,
        "context": read_context,
        "efficiencies": read_efficiencies,
    }
    path = write[kind]()
    damage(path)
    with pytest.raises(ContentError, match=path.name):
        read[kind](path)


@pytest.mark.parametrize("dead", [np.full((8, 2), 1.5), np.full((8, 2), np.nan), np.zeros((8, 0))])
def test_dead_times_that_are_not_fractions_are_refused(window: Path, dead: Any) -> None:
    with pytest.raises(ContentError, match="not fractions"):
        read_live_fractions(write_dead_time(window, dead))


def test_a_table_without_thresholds_is_refused(window: Path) -> None:
    modules, by_threshold, _ = made_efficiencies()
    path = write_efficiencies(window, (modules, by_threshold[:0], np.zeros(0)))
    with pytest.raises(ContentError, match="lacks efficiencies of modules or thresholds"):
        read_efficiencies(path)


def test_a_file_that_unpacks_to_too_much_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(whole_fits, "_LARGEST", 1 << 20)
    path = tmp_path / "ibis_deadtime.fits.gz"
    path.write_bytes(gzip.compress(b"SIMPLE  =" + bytes(2 << 20)))
    with pytest.raises(ContentError, match=r"ibis_deadtime\.fits\.gz has more than 1 MB"):
        read_live_fractions(path)


def test_a_file_that_is_packed_twice_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "ibis_deadtime.fits.gz"
    path.write_bytes(gzip.compress(gzip.compress(b"SIMPLE  =" + bytes(2 << 20))))
    with pytest.raises(ContentError, match=r"ibis_deadtime\.fits\.gz is packed twice"):
        read_live_fractions(path)


@pytest.mark.parametrize(
    ("keyword", "number", "words"),
    [
        ("NAXIS", 2147483648, "ibis_deadtime"),
        ("TFIELDS", 999999999, "999 columns"),
        ("PCOUNT", 99999999999999999999, "variable length"),
        ("NAXIS2", 4000000000, "more data than there is memory"),
        ("NAXIS1", 0, "rows without bytes"),
    ],
)
def test_a_header_that_announces_too_much_is_refused(
    tmp_path: Path, keyword: str, number: int, words: str
) -> None:
    path = write_dead_time(tmp_path, np.full((8, 3), 0.25))
    card = re.compile(rb"%-8s= .{70}" % keyword.encode())
    *_, found = card.finditer(path.read_bytes())
    changed = b"%-8s= %20d" % (keyword.encode(), number)
    content = path.read_bytes()
    path.write_bytes(content[: found.start()] + changed.ljust(80) + content[found.end() :])
    with pytest.raises(ContentError, match=words):
        read_live_fractions(path)
