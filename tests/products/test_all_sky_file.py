"""The map of a survey comes back from its file bit for bit; other HEALPix maps are refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import pytest
from astropy.io import fits

import oda_widgets as oda
from oda_widgets.errors import DamagedFile
from oda_widgets.products.all_sky import AllSky
from tests.products.examples import make_all_sky

NAMES = ("INTENSITY", "VARIANCE", "EXPOSURE")
_Change = Callable[[Any], object]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Give the file of a small map."""
    make_all_sky().write(tmp_path / "sky.fits")
    return tmp_path / "sky.fits"


def edited(path: Path, change: _Change) -> Path:
    """Return the file after a change of its pixel table, as another program writes it."""
    with fits.open(path) as hdus:
        table = hdus["ALLSKY"]
        for keyword in ("CHECKSUM", "DATASUM", "CREATOR"):
            for hdu in hdus:
                hdu.header.remove(keyword, ignore_missing=True)
        changed = change(table)
        if changed is not None:
            hdus[hdus.index_of("ALLSKY")] = changed
        hdus.writeto(path.with_name("edited.fits"))
    return path.with_name("edited.fits")


@pytest.mark.parametrize("suffix", [".fits", ".fits.gz"])
@pytest.mark.parametrize("side", [1, 16])
def test_it_comes_back_bit_for_bit(tmp_path: Path, suffix: str, side: int) -> None:
    sky = make_all_sky(side)
    sky.write(tmp_path / f"sky{suffix}")
    back = oda.open(tmp_path / f"sky{suffix}")
    assert isinstance(back, AllSky)
    for name in ("intensity", "variance", "exposure", "significance"):
        assert getattr(back, name).tobytes() == getattr(sky, name).tobytes()
    assert back.energy == sky.energy
    assert [repr(asdict(one)) for one in back.catalog] == [repr(asdict(s)) for s in sky.catalog]
    assert back.catalog.simulated == sky.catalog.simulated
    for field in fields(sky.observation):
        assert getattr(back.observation, field.name) == getattr(sky.observation, field.name)
    assert repr(back) == repr(sky)


def test_the_finest_map_is_written_in_cells_and_comes_back(tmp_path: Path) -> None:
    """A row for each of its pixels would be more rows than any table may have here."""
    sky = make_all_sky(1024)
    sky.write(tmp_path / "sky.fits")
    with fits.open(tmp_path / "sky.fits") as hdus:
        assert hdus["ALLSKY"].columns["INTENSITY"].format == "1024E"
    back = oda.open(tmp_path / "sky.fits")
    assert isinstance(back, AllSky)
    assert back.intensity.tobytes() == sky.intensity.tobytes()


def test_it_says_that_it_is_simulated(path: Path) -> None:
    sky = AllSky.read(path)
    assert sky.observation.simulated
    assert sky.catalog.simulated
    assert sky.candidates.simulated


def nested(table: Any) -> None:
    table.header["ORDERING"] = "NESTED"


def equatorial(table: Any) -> None:
    table.header["COORDSYS"] = "C"


def explicit(table: Any) -> None:
    table.header["INDXSCHM"] = "EXPLICIT"


def other_side(table: Any) -> None:
    table.header["NSIDE"] = 32


def without_band(table: Any) -> None:
    del table.header["E_MIN"]


def cut(table: Any) -> Any:
    return fits.BinTableHDU(table.data[:-1], table.header, name="ALLSKY")


def temperatures(table: Any) -> Any:
    column = fits.Column("TEMPERATURE", "E", array=table.data["INTENSITY"])
    return fits.BinTableHDU.from_columns([column], table.header, name="ALLSKY")


def unknown_errors(table: Any) -> None:
    table.data["VARIANCE"][table.data["EXPOSURE"] > 0] = 0


def half(table: Any) -> None:
    table.data["INTENSITY"][:10] = -1.6375e30


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (nested, "ORDERING = 'NESTED', not RING"),
        (equatorial, "COORDSYS = 'C', not G"),
        (explicit, "some pixels only"),
        (other_side, "NSIDE = 32 and has 3,072 pixels, those of 16"),
        (without_band, "states no band"),
        (cut, "3,071 pixels, which no HEALPix map"),
        (temperatures, "without INTENSITY, VARIANCE, EXPOSURE: its columns are TEMPERATURE"),
        (unknown_errors, "variance of 0 or below"),
        (half, "an intensity without a variance"),
    ],
)
def test_maps_of_others_are_refused_in_words(path: Path, change: _Change, says: str) -> None:
    with pytest.raises(DamagedFile, match=says.replace("(", r"\(")):
        oda.open(edited(path, change))


def test_what_was_not_edited_is_read_whoever_wrote_it(path: Path) -> None:
    sky = oda.open(edited(path, lambda _: None))
    assert isinstance(sky, AllSky)


def test_a_damaged_file_is_refused(path: Path) -> None:
    content = bytearray(path.read_bytes())
    for broken in (content[:-4000], content[: len(content) // 2]):
        path.with_name("cut.fits").write_bytes(broken)
        with pytest.raises(DamagedFile):
            oda.open(path.with_name("cut.fits"))
    content[20_000] ^= 1
    path.write_bytes(content)
    with pytest.raises(DamagedFile, match="checksum"):
        oda.open(path)


def test_a_file_without_pixels_is_refused(tmp_path: Path) -> None:
    fits.HDUList([fits.PrimaryHDU()]).writeto(tmp_path / "none.fits")
    with pytest.raises(DamagedFile, match="0 tables of HEALPix pixels"):
        AllSky.read(tmp_path / "none.fits")
