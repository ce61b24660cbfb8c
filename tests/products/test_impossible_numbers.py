"""Spectra and responses with numbers that cannot be: refused by file, column and row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy.io import fits

import oda_widgets as oda
from oda_widgets.errors import DamagedFile, FileWarning
from tests.products.test_files_of_others import FILES

ROW = 7


def changed(tmp_path: Path, name: str, change: Callable[[Any], None]) -> Path:
    """Return a file of which something is changed."""
    with fits.open(FILES / name) as hdus:
        for hdu in hdus:
            for key in ("CHECKSUM", "DATASUM"):
                hdu.header.remove(key, ignore_missing=True)
        change(hdus)
        hdus.writeto(tmp_path / name)
    return tmp_path / name


def put(column: str, value: Any, row: int | None = ROW - 1, unit: int = 1) -> Callable[[Any], None]:
    def change(hdus: Any) -> None:
        hdus[unit].data[column][slice(None) if row is None else row] = value

    return change


def read(path: Path) -> oda.Spectrum:
    names = {".pha": FILES / "base.pha", ".rmf": FILES / "base.rmf", ".arf": FILES / "base.arf"}
    files = names | {path.suffix: path}
    return oda.Spectrum.read(files[".pha"], files[".rmf"], files[".arf"])


def unit_of(name: str, column: str) -> int:
    with fits.open(FILES / name) as hdus:
        return next(n for n, hdu in enumerate(hdus) if n and column in hdu.columns.names)


@pytest.mark.parametrize(
    ("name", "column", "value", "row", "words"),
    [
        ("base.pha", "SYS_ERR", -0.1, ROW, "SYS_ERR holds -0.1 in row 7"),
        ("base.pha", "SYS_ERR", np.nan, ROW, "SYS_ERR holds nan in row 7"),
        ("base.pha", "SYS_ERR", np.inf, None, "SYS_ERR holds inf in row 1 and in 39 more rows"),
        ("base.arf", "SPECRESP", 0.0, None, "SPECRESP is nowhere above 0"),
        ("base.arf", "SPECRESP", -1.0, None, "SPECRESP is nowhere above 0"),
        ("base.arf", "SPECRESP", np.nan, None, "SPECRESP is nowhere above 0"),
        ("base.arf", "ENERG_LO", np.nan, ROW, "ENERG_LO holds nan in row 7"),
        ("base.rmf", "MATRIX", -1.0, ROW, "MATRIX holds -1 in row 7"),
        ("base.rmf", "MATRIX", np.nan, ROW, "MATRIX holds nan in row 7"),
        ("base.rmf", "MATRIX", 0.0, None, "MATRIX is nowhere above 0"),
        ("base.rmf", "ENERG_HI", np.inf, ROW, "ENERG_HI holds inf in row 7"),
        ("base.rmf", "E_MAX", np.nan, ROW, "E_MAX holds nan in row 7"),
    ],
)
def test_a_number_that_cannot_be_is_named(
    tmp_path: Path, name: str, column: str, value: float, row: int | None, words: str
) -> None:
    def change(hdus: Any) -> None:
        hdu = hdus[unit_of(name, column)] if column != "SYS_ERR" else hdus[1]
        if column == "SYS_ERR" and column not in hdu.columns.names:
            zeros = fits.Column("SYS_ERR", "D", array=np.zeros(len(hdu.data)))
            hdus[1] = hdu = fits.BinTableHDU.from_columns(hdu.columns + zeros, header=hdu.header)
        hdu.data[column][slice(None) if row is None else row - 1] = value

    with pytest.raises(DamagedFile, match=rf"{name}: .*{words}"):
        read(changed(tmp_path, name, change))


@pytest.mark.parametrize(("low", "high"), [(0.0, 0.0), (25.0, 25.0)])
def test_channels_without_a_width_are_refused(tmp_path: Path, low: float, high: float) -> None:
    unit = unit_of("base.rmf", "E_MIN")

    def change(hdus: Any) -> None:
        put("E_MIN", low, None, unit)(hdus)
        put("E_MAX", high, None, unit)(hdus)

    with pytest.raises(DamagedFile, match=r"base\.rmf: .*E_MAX of EBOUNDS .* row 1"):
        read(changed(tmp_path, "base.rmf", change))


def test_energies_of_which_no_bin_has_a_width_are_refused(tmp_path: Path) -> None:
    def change(hdus: Any) -> None:
        for column in ("ENERG_LO", "ENERG_HI"):
            put(column, 20.0, None, unit_of("base.rmf", column))(hdus)

    with pytest.raises(oda.OdaError, match=r"energies|empty"):
        oda.Response.read(changed(tmp_path, "base.rmf", change), FILES / "base.arf")


@pytest.mark.parametrize("keyword", ["AREASCAL", "BACKSCAL"])
@pytest.mark.parametrize("value", [-1.0, -0.5])
def test_a_scaling_below_zero_is_1_with_a_warning(
    tmp_path: Path, keyword: str, value: float
) -> None:
    path = changed(tmp_path, "base.pha", lambda hdus: hdus[1].header.set(keyword, value))
    with pytest.warns(FileWarning, match=f"{keyword} holds {value:g}"):
        found = read(path)
    assert np.array_equal(found.rate, read(FILES / "base.pha").rate)


def test_the_noise_of_a_matrix_below_zero_is_read(tmp_path: Path) -> None:
    path = changed(tmp_path, "base.rmf", put("MATRIX", -0.001, ROW, unit_of("base.rmf", "MATRIX")))
    assert (read(path).response.redistribution < 0).any()


@pytest.mark.parametrize(
    ("part", "value", "words"),
    [
        ("systematic_error", -0.1, r"SYS_ERR .* is -0\.1 in channel"),
        ("systematic_error", np.nan, "SYS_ERR .* is nan in channel"),
        ("area", 0.0, "nowhere positive"),
        ("area", np.inf, "infinite"),
        ("redistribution", -1.0, "row 1 of its matrix holds probabilities below 0"),
        ("redistribution", np.inf, "row 1 of its matrix holds numbers that are not finite"),
        ("channel_high", 0.0, "has no width|no good channel"),
    ],
)
def test_a_fit_refuses_what_no_file_brought(part: str, value: float, words: str) -> None:
    spectrum = read(FILES / "base.pha")
    if part == "systematic_error":
        bad = replace(spectrum, systematic_error=np.full_like(spectrum.rate, value))
    else:
        array = np.array(getattr(spectrum.response, part))
        if part == "redistribution":
            array[0] = value
        else:
            array[:] = value
        bad = replace(spectrum, response=replace(spectrum.response, **{part: array}))
    with pytest.raises(oda.OdaError, match=words):
        oda.fit(bad, "powerlaw")
