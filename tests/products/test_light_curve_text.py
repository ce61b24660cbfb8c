"""Light curves between commas: keywords of FITS in comments, and what is no table of numbers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import oda_widgets as oda
from oda_widgets.errors import DamagedFile

TABLE = """# Means of 50 days.
# TELESCOP = Swift
# INSTRUME = BAT
# OBJECT = Crab
# E_MIN = 15
# E_MAX = 50
MJD,WIDTH,RATE,ERROR
53439,4320000,0.19,0.003
53489,4320000,0.22,0.002
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "bat.csv"
    path.write_text(TABLE, encoding="utf-8")
    return path


@pytest.mark.parametrize("read", [oda.LightCurve.read, oda.open])
def test_it_is_read_with_source_band_and_instrument(path: Path, read: object) -> None:
    curve: oda.LightCurve = read(path)  # type: ignore[operator]
    assert (curve.name, str(curve.energy)) == ("Crab", "15–50 keV")
    assert (curve.observation.telescope, curve.observation.instrument) == ("Swift", "BAT")
    assert curve.times.mjd == pytest.approx([53439, 53489])
    assert curve.width == pytest.approx([50 * 86400] * 2)
    assert curve.rate == pytest.approx([0.19, 0.22])
    assert curve.error == pytest.approx([0.003, 0.002])


@pytest.mark.parametrize("change", [("0.19", "bright"), ("0.003", "0.003,7"), ("RATE", "RATE,X")])
def test_what_is_no_table_of_numbers_is_refused_with_its_name(
    path: Path, change: tuple[str, str]
) -> None:
    path.write_text(TABLE.replace(*change), encoding="utf-8")
    with pytest.raises(DamagedFile, match=r"bat\.csv"):
        oda.LightCurve.read(path)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("0.19", "bright"), "The column RATE holds 'bright' in row 1, which is no number"),
        (("0.003", "0.003,7"), "Its row 1 has 5 cells for 4 columns"),
    ],
)
def test_the_cell_that_is_no_number_is_named(
    path: Path, change: tuple[str, str], words: str
) -> None:
    path.write_text(TABLE.replace(*change), encoding="utf-8")
    with pytest.raises(DamagedFile, match=words):
        oda.LightCurve.read(path)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ("53539," + "1" * 131_073 + ",1,1", "It is no table"),
        ('53539,"1,1,1\n' + "53539,1,1,1\n" * 20_000, "It is no table"),
        ("53539" + ",1" * 2000, "more than 999 columns"),
        ("53539,1,1,1\n" * 300_000, "more than 300,000 lines"),
        ("1\v" * 300_000, "more than 300,000 lines"),
        ("".join(f"# K{i} = 1\n" for i in range(1100)), "more than 1,000 keywords"),
        (("1," * 900 + "\n") * 2400, "more than 2,097,152 cells"),
    ],
    ids=["a long cell", "an open quote", "columns", "lines", "odd lines", "keywords", "cells"],
)
@pytest.mark.parametrize("read", [oda.LightCurve.read, oda.open])
def test_a_text_that_is_too_large_or_has_no_end_is_refused(
    path: Path, read: Callable[[Path], object], more: str, words: str
) -> None:
    path.write_text(TABLE + more, encoding="utf-8")
    with pytest.raises(DamagedFile, match=rf"bat\.csv: {words}|bat\.csv: It has {words}"):
        read(path)


def test_an_empty_cell_holds_no_rate(path: Path) -> None:
    path.write_text(TABLE.replace("0.19", ""), encoding="utf-8")
    assert np.isnan(oda.LightCurve.read(path).rate).tolist() == [True, False]


def test_a_light_curve_without_errors_is_refused(path: Path) -> None:
    path.write_text(TABLE.replace("ERROR", "SIGMA"), encoding="utf-8")
    with pytest.raises(DamagedFile, match="ERROR"):
        oda.LightCurve.read(path)


def test_a_catalogue_between_commas_is_none(tmp_path: Path) -> None:
    path = tmp_path / "catalogue.csv"
    path.write_text("name,ra,dec\nCrab,83.63,22.01\n", encoding="utf-8")
    assert isinstance(oda.open(path), oda.SourceCatalog)
