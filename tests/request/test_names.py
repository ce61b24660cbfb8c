"""Names and other texts from outside: nothing in them acts on a terminal, a page or a file."""

from __future__ import annotations

import warnings
from math import inf, nan
from pathlib import Path
from typing import Any

import pytest
from astropy import units as u

import oda_widgets as oda
from oda_widgets.errors import BadParameter, DamagedFile, FileWarning
from oda_widgets.request.source import Source

# Escape sequences, ends of lines of every kind, direction marks, and letters without a width.
ACTING = ("\x1b[31m", "\x07", "\x9b", "\r", "\n", "\x85", "\u2028", "\u2029", "\u202e", "\u200f",
          "\u2066", "\u200b", "\0", "\xa0")  # fmt: skip


@pytest.mark.parametrize("letter", ACTING)
def test_a_name_is_printable_wherever_it_came_from(tmp_path: Path, letter: str) -> None:
    given = f"Crab{letter}x"
    source = oda.CatalogSource(given, 83.6, 22.0)
    assert source.name.isprintable()
    assert Source(given, 83.6, 22.0).name == source.name
    assert repr(source).isprintable()
    catalog = oda.SourceCatalog.of([source])
    for suffix in (".ecsv", ".vot", ".fits", ".reg", ".csv"):
        catalog.save(tmp_path / f"names{suffix}")
        assert oda.SourceCatalog.read(tmp_path / f"names{suffix}").names == (source.name,)


@pytest.mark.parametrize("letter", ACTING)
def test_errors_and_warnings_are_printable(letter: str) -> None:
    error = DamagedFile(f"file{letter}.fits is bad.", f"Remove file{letter}.fits.")
    assert str(error).isprintable()
    with pytest.warns(FileWarning) as caught:
        warnings.warn(f"file{letter}.fits is odd.", FileWarning, stacklevel=1)
    assert str(caught[0].message).isprintable()


def test_a_name_in_an_escape_of_a_file_is_printable(tmp_path: Path) -> None:
    (tmp_path / "names.csv").write_text("name,ra,dec\nCrab\\x1b[31m\\u202e,83.6,22.0\n")
    assert oda.SourceCatalog.read(tmp_path / "names.csv").names == ("Crab [31m",)


@pytest.mark.parametrize("name", [r"a\x41", r"a\u0041", r"a\\b", "a\\", r"a\n", "'\"{}", "η Car"])
def test_a_name_with_a_backslash_is_read_back_as_it_is(tmp_path: Path, name: str) -> None:
    catalog = oda.SourceCatalog.of([oda.CatalogSource(name, 83.6, 22.0)])
    for suffix in (".ecsv", ".vot", ".fits", ".csv"):
        catalog.save(tmp_path / f"names{suffix}")
        assert oda.SourceCatalog.read(tmp_path / f"names{suffix}").names == (name,)


GOOD: dict[str, Any] = {"name": "Crab", "ra": 83.6, "dec": 22.0}


@pytest.mark.parametrize(
    "changed",
    [
        {"name": None}, {"name": 5}, {"name": " "}, {"name": "\u200b"}, {"name": "x" * 5000},
        {"ra": None}, {"ra": 360.0}, {"ra": nan}, {"ra": "a"}, {"dec": 91}, {"dec": -inf},
        {"flux": inf}, {"flux": None}, {"flux": "5"}, {"flux_error": -1.0}, {"flux_error": inf},
        {"error_radius": -0.1}, {"error_radius": inf}, {"significance": inf}, {"ra_fit": -inf},
        {"dec_fit": [1]}, {"new": "yes"}, {"selected": None}, {"error_radius": 1 * u.keV},
    ],
)  # fmt: skip
def test_a_source_of_values_that_cannot_be_is_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(BadParameter):
        oda.CatalogSource(**GOOD | changed)


def test_quantities_are_converted() -> None:
    source = oda.CatalogSource("Crab", 5.575 * u.hourangle, 22 * u.deg, error_radius=3 * u.arcmin)
    assert (source.ra, source.dec, source.error_radius) == (83.625, 22.0, 0.05)


def test_what_cannot_be_in_a_file_is_left_out_with_a_warning(tmp_path: Path) -> None:
    path = tmp_path / "catalogue.csv"
    path.write_text("name,ra,dec,flux,flux_error,err_rad\nCrab,83.6,22.0,inf,-1,-2\n")
    with pytest.warns(FileWarning, match="row 1") as caught:
        (source,) = oda.SourceCatalog.read(path)
    assert len(caught) == 3
    assert source.flux != source.flux
    assert source.flux_error != source.flux_error
