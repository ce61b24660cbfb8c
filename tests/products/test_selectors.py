"""What chooses one of several things in a file is checked, and blamed by its own name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy.io import fits

import oda_widgets as oda
from oda_widgets.errors import BadParameter
from tests.products import examples
from tests.products.test_files_of_others import FILES
from tests.products.test_shield_files import GENLC

Read = Callable[..., Any]
RESPONSE = {"rmf": FILES / "base.rmf", "arf": FILES / "base.arf"}


def curve_table(name: str, band: tuple[float, float] | None, rates: int) -> fits.BinTableHDU:
    values = np.ones((10, rates)) if rates > 1 else np.ones(10)
    table = fits.BinTableHDU.from_columns(
        [
            fits.Column("TIME", "D", "s", array=np.arange(10) * 100.0),
            fits.Column("RATE", f"{rates}D", "count/s", array=values),
            fits.Column("ERROR", f"{rates}D", "count/s", array=values),
        ],
        name="RATE",
    )
    table.header.update(MJDREFI=51910, MJDREFF=7.4e-4, TIMEUNIT="s", TIMEDEL=100.0, TIMESYS="TT")
    table.header.update(TELESCOP="SWIFT", INSTRUME="XRT", OBJECT=name)
    if band is not None:
        table.header["E_MIN"], table.header["E_MAX"] = band
    return table


@pytest.fixture(scope="module")
def several(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return files of several things each, by what tells these apart."""
    folder = tmp_path_factory.mktemp("several")
    low, high = (20.0, 40.0), (40.0, 80.0)
    tables = {
        "rows": [curve_table("A", low, 1), curve_table("A", low, 1)],
        "bands": [curve_table("A", low, 1), curve_table("A", high, 1)],
        "sources": [curve_table("A", low, 1), curve_table("B", low, 1)],
        "columns": [curve_table("A", low, 2), curve_table("A", low, 2)],
    }
    for name, hdus in tables.items():
        fits.HDUList([fits.PrimaryHDU(), *hdus]).writeto(folder / f"{name}.fits")
    (folder / "genlc.txt").write_text(GENLC)
    oda.write_catalog(examples.CATALOG, folder / "catalogue.reg")
    oda.write_catalog(examples.CATALOG, folder / "catalogue.csv")
    examples.make_image().write(folder / "image.fits")
    return {path.stem + path.suffix: path for path in folder.iterdir()}


@pytest.mark.parametrize(
    ("name", "choices", "blamed", "listed"),
    [
        ("rows.fits", {}, "row=None", "by row: 1: A, 20–40 keV; 2: A"),
        ("rows.fits", {"row": 3}, "row=3", "There are: 1: A"),
        ("rows.fits", {"row": 0}, "row=0", "1 or more"),
        ("rows.fits", {"source": "B"}, "source='B'", "It has: A; A"),
        ("bands.fits", {}, "energy=None", "by energy or row: 1: A, 20–40 keV; 2: A, 40–80"),
        ("bands.fits", {"energy": (20, 41)}, "energy=", "one of: 20–40 keV; 40–80 keV"),
        ("bands.fits", {"energy": (40, 80), "row": 2}, "row=2", "only one of these light curves"),
        ("sources.fits", {}, "source=None", "by source or row: 1: A, 20–40 keV; 2: B"),
        ("sources.fits", {"source": 5}, "source=5", "is text"),
        ("columns.fits", {"column": 2}, "row=None", "by row: 1: A"),
        ("columns.fits", {"row": 3, "column": 9}, "row=3", "There are: 1: A"),
        ("columns.fits", {"row": 2}, "column=None", r"by column: 1: RATE\[1\]; 2: RATE\[2\]"),
        ("columns.fits", {"row": 2, "column": 3}, "column=3", r"There are: 1: RATE\[1\]"),
        ("columns.fits", {"row": 2, "column": 1.5}, "column=1.5", "a whole number"),
        ("columns.fits", {"row": 2, "column": "FLUX"}, "column='FLUX'", "It has: RATE"),
        ("genlc.txt", {"row": 2}, "row=2", "one light curve.*Leave row out"),
        ("genlc.txt", {"column": 2}, "column=2", "Leave column out"),
        ("genlc.txt", {"source": "Crab"}, "source='Crab'", "of SPI-ACS"),
        ("genlc.txt", {"energy": (20, 40)}, "energy=", "above 80 keV"),
    ],
)
def test_a_light_curve_that_is_not_there(
    several: dict[str, Path], name: str, choices: dict[str, Any], blamed: str, listed: str
) -> None:
    with pytest.raises(BadParameter, match=rf"^{blamed}.*{listed}"):
        oda.LightCurve.read(several[name], **choices)


@pytest.mark.parametrize(
    ("name", "choices", "blamed"),
    [
        ("pha2_two_rows.fits", {}, "row=None"),
        ("pha2_two_rows.fits", {"row": 3}, "row=3"),
        ("osa_isgri_spectrum_many_sources.fits", {}, "source=None"),
        ("osa_isgri_spectrum_many_sources.fits", {"row": 9}, "row=9"),
        ("osa_isgri_spectrum_many_sources.fits", {"source": "Vela"}, "source='Vela'"),
        ("osa_isgri_spectrum_many_sources.fits", {"source": "Crab", "row": 2}, "row=2"),
        ("base.pha", {"row": 2}, "row=2"),
        ("base.pha", {"source": 5}, "source=5"),
    ],
)
def test_a_spectrum_that_is_not_there(name: str, choices: dict[str, Any], blamed: str) -> None:
    with pytest.raises(BadParameter, match=f"^{blamed}"):
        oda.Spectrum.read(FILES / name, **RESPONSE, **choices)


@pytest.mark.parametrize("name", ["catalogue.reg", "catalogue.csv"])
def test_a_catalogue_that_is_not_there(several: dict[str, Path], name: str) -> None:
    assert oda.read_catalog(several[name], row=1) == oda.read_catalog(several[name])
    for row in (0, 2, "x"):
        with pytest.raises(BadParameter, match=f"^row={row!r}"):
            oda.read_catalog(several[name], row=row)  # type: ignore[arg-type]


def test_a_band_that_is_not_there(several: dict[str, Path]) -> None:
    with pytest.raises(BadParameter, match=r"^energy=.*Choose one of: 28–80 keV"):
        oda.SkyImage.read(several["image.fits"], energy=(20, 40))


def test_what_is_there_is_chosen(several: dict[str, Path]) -> None:
    read = oda.LightCurve.read
    assert read(several["sources.fits"], source="b").name == "B"
    assert read(several["bands.fits"], energy=(40, 80)).energy.low == 40
    assert len(read(several["columns.fits"], row=1, column=2)) == 10
    assert read(several["genlc.txt"], source="SPI-ACS", row=1).name == "SPI-ACS"
