"""Keywords of FITS whose numbers cannot be: refused by name, whatever the file holds besides."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy.io import fits

import oda_widgets as oda
from oda_widgets.errors import DamagedFile, FileWarning
from tests.products import examples

IMAGE, CURVE, SPECTRUM = "image.fits", "curve.fits", "spectrum.fits"
MAPS = (2, 3, 4, 5)
MAKERS: dict[str, Callable[[], Any]] = {
    IMAGE: examples.make_image,
    CURVE: examples.make_light_curve,
    SPECTRUM: examples.make_spectrum,
}


def with_cards(folder: Path, name: str, **cards: Any) -> Path:
    """Write a file of another program with some keywords of its data changed, byte by byte."""
    path = folder / name
    MAKERS[name]().write(path, overwrite=True)
    content = path.read_bytes()
    with fits.open(path) as hdus:
        places = [(info["hdrLoc"], info["datLoc"]) for info in (h.fileinfo() for h in hdus)]
        ends = [start for start, _ in places[1:]] + [len(content)]
    parts = []
    for number, ((start, data), end) in enumerate(zip(places, ends, strict=True)):
        header = fits.Header.fromstring(content[start:data].decode("latin-1"))
        for keyword in ("CHECKSUM", "DATASUM", "CREATOR"):
            header.remove(keyword, ignore_missing=True)
        if number in (MAPS if name == IMAGE else (1,)):
            header.update(cards)
        parts.append(header.tostring().encode("latin-1") + content[data:end])
    path.write_bytes(b"".join(parts))
    return path


@pytest.mark.parametrize(
    ("name", "keyword", "value"),
    [
        (SPECTRUM, "EXPOSURE", -5.0),
        (SPECTRUM, "EXPOSURE", 1e18),
        (SPECTRUM, "TSCAL2", 0.0),
        (SPECTRUM, "TSCAL2", "x"),
        (SPECTRUM, "TZERO2", 1e308),
        (SPECTRUM, "MJDREF", 1e300),
        (SPECTRUM, "MJDREFI", 2**70),
        (SPECTRUM, "TIMEZERO", -1e308),
        (CURVE, "MJDREFI", -(10**9)),
        (CURVE, "MJDREF", 1e300),
        (CURVE, "TIMEZERO", 1e300),
        (CURVE, "TIMEZERO", 1e11),  # days
        (CURVE, "TIMEPIXR", -5.0),
        (CURVE, "TIMEPIXR", 1e300),
        (CURVE, "TSCAL5", 0.0),
        (IMAGE, "BSCALE", 0.0),
        (IMAGE, "EXPOSURE", -1.0),
        (IMAGE, "CRPIX1", 1e300),
        (IMAGE, "CRVAL1", 1e20),
        (IMAGE, "CRVAL1", 400.0),  # a modulo would place it
        (IMAGE, "CRVAL2", 95.0),
        (IMAGE, "CD1_2", 1e308),
        (IMAGE, "PV2_1", 1e308),
        (IMAGE, "LONPOLE", 1e300),
        (IMAGE, "EQUINOX", 1e300),
        (IMAGE, "A_ORDER", 99999),
        (IMAGE, "WCSAXES", 10**6),
        (IMAGE, "WCSAXES", -1),
    ],
)
def test_a_keyword_that_cannot_be_is_named(
    tmp_path: Path, name: str, keyword: str, value: object
) -> None:
    with pytest.raises(DamagedFile, match=rf"{name}: Its keyword {keyword} = "):
        oda.open(with_cards(tmp_path, name, **{keyword: value}))


@pytest.mark.parametrize(
    ("cards", "words"),
    [
        ({"CTYPE1": "RA---ZZZ"}, "projection"),
        ({"CTYPE1": "RA---TAB"}, r"[A-Za-z]{5}"),
        ({"CPDIS1": "LOOKUP"}, "distortion"),
        ({"CD1_1": 0.0, "CD1_2": 0.0}, r"singular|sides"),
        ({"CD1_1": 1e-12, "CD1_2": 0.0, "CD2_1": 0.0, "CD2_2": 1e-12}, "sides of its pixels"),
    ],
)
def test_coordinates_of_which_none_follow_are_refused(
    tmp_path: Path, cards: dict[str, Any], words: str
) -> None:
    with pytest.raises(
        DamagedFile, match=f"celestial coordinates cannot be used: .*{words}"
    ) as one:
        oda.SkyImage.read(with_cards(tmp_path, IMAGE, **cards))
    assert "cextern" not in str(one.value)


def test_a_unit_of_axes_is_not_computed(tmp_path: Path) -> None:
    with pytest.raises(DamagedFile, match=r"CUNIT1.*no unit of a measurement"):
        oda.SkyImage.read(with_cards(tmp_path, IMAGE, CUNIT1="10**(1000000000) deg"))


@pytest.mark.parametrize("keyword", ["EXPOSURE", "AREASCAL", "BACKSCAL"])
def test_what_is_stated_as_zero_is_said_to_be_unknown(tmp_path: Path, keyword: str) -> None:
    usual = oda.Spectrum.read(with_cards(tmp_path, SPECTRUM))
    with pytest.warns(FileWarning, match=keyword):
        found = oda.Spectrum.read(with_cards(tmp_path, SPECTRUM, **{keyword: 0.0}))
    assert np.array_equal(found.rate, usual.rate, equal_nan=True)


def test_a_time_of_no_mission_is_left_out_with_a_warning(tmp_path: Path) -> None:
    with pytest.warns(FileWarning, match="TSTART"):
        found = oda.LightCurve.read(with_cards(tmp_path, CURVE, TSTART=1e300))
    assert found.observation.start == 0.0
    assert np.array_equal(found.time, oda.LightCurve.read(with_cards(tmp_path, CURVE)).time)


def test_times_in_a_wrong_unit_are_not_believed(tmp_path: Path) -> None:
    with pytest.warns(FileWarning, match="years from any mission"), pytest.raises(DamagedFile):
        oda.LightCurve.read(with_cards(tmp_path, CURVE, TUNIT1="yr"))


@pytest.mark.parametrize(
    ("name", "keyword", "value"),
    [
        (IMAGE, "CRVAL1", "83.6"),
        (IMAGE, "CRVAL2", True),
        (IMAGE, "CRPIX1", "abc"),
        (IMAGE, "CDELT1", "abc"),
        (CURVE, "MJDREFF", "abc"),
        (CURVE, "TIMEZERO", "abc"),
        (CURVE, "TIMEPIXR", "abc"),
        (SPECTRUM, "AREASCAL", "0.5x"),
        (SPECTRUM, "BACKSCAL", "abc"),
    ],
)
def test_what_is_no_number_is_not_taken_for_another(
    tmp_path: Path, name: str, keyword: str, value: object
) -> None:
    with pytest.raises(DamagedFile, match=f"{keyword} = .*no number"):
        oda.open(with_cards(tmp_path, name, **{keyword: value}))
