"""Files that contradict themselves, or end too early: refused, or read with words."""

from __future__ import annotations

import base64
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy.io import fits

import oda_widgets as oda
from oda_widgets.errors import DamagedFile, FileWarning
from tests.products.test_files_of_others import FILES
from tests.products.test_impossible_numbers import changed, put, read, unit_of

IMAGE, CURVE = "mosaic_jemx_band.fits.gz", "lc_mjdreff.fits"
MAPS = slice(1, 5)


def image(folder: Path, change: Callable[[Any], None]) -> oda.SkyImage:
    return oda.SkyImage.read(changed(folder, IMAGE, change))


def in_all_maps(**cards: Any) -> Callable[[Any], None]:
    def change(hdus: Any) -> None:
        for hdu in hdus[MAPS]:
            hdu.header.update(cards)

    return change


def the_map(hdus: Any, kind: str) -> Any:
    return next(hdu for hdu in hdus[MAPS] if hdu.header["IMATYPE"] == kind)


def test_a_variance_that_is_nowhere_above_zero_is_refused(tmp_path: Path) -> None:
    def change(hdus: Any) -> None:
        the_map(hdus, "VARIANCE").data[:] = -1

    with pytest.raises(DamagedFile, match="VARIANCE is nowhere above 0"):
        image(tmp_path, change)


def test_pixels_with_a_variance_below_zero_hold_no_data(tmp_path: Path) -> None:
    def change(hdus: Any) -> None:
        the_map(hdus, "VARIANCE").data[3, 4] = -1

    with pytest.warns(FileWarning, match="1 pixels of the map of VARIANCE are below 0"):
        found = image(tmp_path, change)
    assert np.argwhere(np.isnan(found.intensity)).tolist() == [[3, 4]]


@pytest.mark.parametrize("kind", ["INTENSITY", "VARIANCE", "EXPOSURE"])
@pytest.mark.parametrize(("keyword", "step"), [("CRVAL1", 10.0), ("CRPIX2", 1.0)])
def test_maps_of_other_places_are_no_image(
    tmp_path: Path, kind: str, keyword: str, step: float
) -> None:
    def change(hdus: Any) -> None:
        the_map(hdus, kind).header[keyword] += step

    with pytest.raises(DamagedFile, match=f"maps of {kind} and SIGNIFICANCE differ in their place"):
        image(tmp_path, change)


@pytest.mark.parametrize(
    ("cards", "words"),
    [
        ({"RADESYS": "XYZ"}, "'XYZ'.*not known.*keyword is RADESYS; accepted are ICRS and FK5"),
        ({"RADECSYS": "GAPPT"}, "'GAPPT'.*not known.*keyword is RADECSYS; accepted are"),
        ({"RADESYS": "FK4"}, "frame FK4 of 1950 .*accepted are ICRS and FK5 of J2000"),
        ({"RADESYS": "FK5", "EQUINOX": 1975.0}, "frame FK5 of 1975"),
        ({"EQUINOX": 1950.0}, "frame FK4 of 1950"),
        ({"CTYPE1": "GLON-TAN", "CTYPE2": "GLAT-TAN"}, "axes .* are GLON and GLAT, not RA and DEC"),
        ({"CTYPE1": "DEC--TAN", "CTYPE2": "RA---TAN"}, "axes .* are DEC and RA, not RA and DEC"),
    ],
)
def test_an_image_in_another_frame_is_refused(
    tmp_path: Path, cards: dict[str, Any], words: str
) -> None:
    with pytest.raises(DamagedFile, match=words):
        image(tmp_path, in_all_maps(**cards))


@pytest.mark.parametrize(
    "cards",
    [{"RADESYS": "ICRS"}, {"RADECSYS": "FK5", "EQUINOX": 2000.0}, {"EQUINOX": 2000.0}],
)
def test_an_image_of_j2000_is_read(tmp_path: Path, cards: dict[str, Any]) -> None:
    assert image(tmp_path, in_all_maps(**cards)).shape == (60, 60)


def test_energies_the_wrong_way_round_are_read_with_a_warning(tmp_path: Path) -> None:
    with pytest.warns(FileWarning, match="E_MIN = 500 is above E_MAX = 1"):
        found = image(tmp_path, in_all_maps(E_MIN=500.0, E_MAX=1.0))
    assert (found.energy.low, found.energy.high) == (1.0, 500.0)


@pytest.mark.parametrize(
    ("cards", "words"),
    [
        ({"MJDREF": 55000.0}, "two reference times: MJDREFI .* and MJDREF = 55000"),
        ({"MJDREFI": -1}, "MJDREFI = -1 cannot be"),
    ],
)
def test_a_reference_time_that_cannot_be_is_refused(
    tmp_path: Path, cards: dict[str, Any], words: str
) -> None:
    path = changed(tmp_path, CURVE, lambda hdus: hdus[1].header.update(cards))
    with pytest.raises(DamagedFile, match=rf"{CURVE}: .*{words}"):
        oda.LightCurve.read(path)


def test_a_reference_time_without_the_leap_seconds_is_said(tmp_path: Path) -> None:
    with fits.open(FILES / CURVE) as hdus:
        whole = hdus[1].header["MJDREFI"]
    cards = {"MJDREFI": whole, "MJDREFF": 0.00074287, "MJDREF": float(whole)}
    path = changed(tmp_path, CURVE, lambda hdus: hdus[1].header.update(cards))
    with pytest.warns(FileWarning, match=r"differ by 64\.2 s: MJDREFI \+ MJDREFF is taken"):
        oda.LightCurve.read(path)


def test_channels_that_overlap_are_refused(tmp_path: Path) -> None:
    def change(hdus: Any) -> None:
        hdus[unit_of("base.rmf", "E_MAX")].data["E_MAX"] *= 2

    with pytest.raises(DamagedFile, match=r"base\.rmf: Channels of EBOUNDS overlap: 15 to"):
        read(changed(tmp_path, "base.rmf", change))


def test_channels_below_zero_are_refused_but_for_the_edge_of_the_lowest(tmp_path: Path) -> None:
    def below(hdus: Any) -> None:
        bounds = hdus[unit_of("base.rmf", "E_MAX")].data
        for column in ("E_MIN", "E_MAX"):
            bounds[column] -= 20.0

    with pytest.raises(DamagedFile, match=r"E_MAX of EBOUNDS holds .* energies are above 0"):
        read(changed(tmp_path, "base.rmf", below))
    (tmp_path / "base.rmf").unlink()
    edge = put("E_MIN", -0.1, 0, unit_of("base.rmf", "E_MIN"))
    with pytest.warns(FileWarning, match=r"begins at -0\.1 keV, below 0"):
        read(changed(tmp_path, "base.rmf", edge))


@pytest.mark.parametrize("area", [np.nan, np.inf, -100.0])
def test_an_area_that_cannot_be_is_refused(tmp_path: Path, area: float) -> None:
    with pytest.raises(DamagedFile, match=rf"base\.arf: .*SPECRESP holds {area:g} in row 7"):
        read(changed(tmp_path, "base.arf", put("SPECRESP", area)))


FIELDS = (
    '<FIELD name="name" datatype="char" arraysize="*"/><FIELD name="ra" datatype="double"/>'
    '<FIELD name="dec" datatype="double"/><FIELD name="flags" datatype="short" arraysize="3"/>'
)
ROW = struct.pack(">I1sdd3h", 1, b"A", 1.0, 2.0, 1, 2, 3)


def votable(folder: Path, data: str, rows: str = "") -> Path:
    path = folder / "catalogue.vot"
    path.write_text(
        '<VOTABLE version="1.4" xmlns="http://www.ivoa.net/xml/VOTable/v1.3"><RESOURCE>'
        f"<TABLE{rows}>{FIELDS}<DATA>{data}</DATA></TABLE></RESOURCE></VOTABLE>"
    )
    return path


def stream(content: bytes, kind: str = "BINARY") -> str:
    letters = base64.b64encode(content).decode()
    return f'<{kind}><STREAM encoding="base64">{letters}</STREAM></{kind}>'


@pytest.mark.filterwarnings("ignore:Names that occur more than once")
@pytest.mark.parametrize(("kind", "flags"), [("BINARY", b""), ("BINARY2", b"\0")])
def test_a_stream_of_whole_rows_is_read_and_one_that_ends_within_a_row_is_not(
    tmp_path: Path, kind: str, flags: bytes
) -> None:
    row = flags + ROW
    assert len(oda.read_catalog(votable(tmp_path, stream(2 * row, kind)))) == 2
    for missing in range(1, len(row)):
        cut = (2 * row)[:-missing]
        with pytest.raises(DamagedFile, match=r"catalogue\.vot: Its table ends within row 2"):
            oda.read_catalog(votable(tmp_path, stream(cut, kind)))


def test_a_table_of_fewer_rows_than_it_announces_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DamagedFile, match="announces 2 rows and has 1"):
        oda.read_catalog(votable(tmp_path, stream(ROW), ' nrows="2"'))
    cells = "<TABLEDATA><TR><TD>A</TD><TD>1</TD><TD>2</TD><TD>1 2 3</TD></TR></TABLEDATA>"
    with pytest.raises(DamagedFile, match="announces 3 rows and has 1"):
        oda.read_catalog(votable(tmp_path, cells, ' nrows="3"'))
    assert len(oda.read_catalog(votable(tmp_path, cells, ' nrows="1"'))) == 1
