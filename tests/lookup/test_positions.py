"""Positions as astronomers type them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from astropy import units as u
from astropy.coordinates import ICRS, AltAz, Galactic, Latitude, Longitude, SkyCoord
from hypothesis import example, given, settings
from hypothesis import strategies as st

from oda_widgets.errors import BadParameter, UnknownSource
from oda_widgets.lookup.names import resolve

CRAB = SkyCoord("05:34:31.9 +22:00:52", unit=("hourangle", "deg"))

positions = st.tuples(st.floats(0, 359.99), st.floats(-89.99, 89.99))


def text_forms(at: SkyCoord) -> dict[str, float]:
    """Return a position in every form of text, each with its resolution in degrees."""
    ra, dec, lon, lat = at.ra.deg, at.dec.deg, at.galactic.l.deg, at.galactic.b.deg
    hms, dms = at.to_string("hmsdms", precision=6).split()
    colons = at.to_string("hmsdms", sep=":", precision=6)
    blanks = at.to_string("hmsdms", sep=" ", precision=6)
    designation = at.to_string("hmsdms", sep="", precision=2).replace(" ", "")
    printed = str.maketrans({"h": "ʰ", "m": "ᵐ", "s": "ˢ"})
    degrees = str.maketrans({"d": "°", "m": "′", "s": "″", "-": "−"})
    b1950 = at.transform_to("fk4").to_string("hmsdms", sep=":", precision=6)
    exact = {
        f"{ra:.9f} {dec:.9f}",
        f"{ra:.9f}, {dec:+.9f}",
        f"({ra:.9f}; {dec:.9f})",
        f"{ra:.9f}{dec:+.9f}",
        f"{ra:.9f}d {dec:+.9f}d",
        f"{ra:.9f} deg, {dec:.9f} deg",
        f"{ra:.9f}° {dec:.9f}°".replace("-", "−"),
        f"{ra / 15:.11f}h {dec:+.9f}d",
        f"RA={ra:.9f} Dec={dec:.9f}",
        f"Dec: {dec:.9f}, RA: {ra:.9f}",
        f"\N{GREEK SMALL LETTER ALPHA}={ra:.9f}, δ={dec:.9f}",
        f"{hms} {dms}",
        f"{hms}{dms}",
        f"{hms}, {dms}".upper(),
        f"RA {hms}, Dec {dms}",
        f"{hms.translate(printed)} {dms.translate(degrees)}",
        f"{hms} {dec:.9f}",
        colons,
        colons.replace(" ", ", "),
        f"J2000 {colons}",
        f"{colons} (J2000)",
        blanks,
        blanks.replace(" +", " "),
        f"{b1950} B1950",
        f"FK4: {b1950}",
        f"l={lon:.9f} b={lat:.9f}",
        f"l {lon:.9f}, b {lat:+.9f}",
        f"{lon:.9f}, {lat:.9f} galactic",
        f"{lon:.9f} {lat:+.9f} (gal)",
        f"galactic {lon:.9f} {lat:.9f}",
    }
    named = {
        f"J{designation}": 1e-4,
        designation: 1e-4,
        f"G{lon:.5f}{lat:+.5f}": 1e-5,
    }
    return dict.fromkeys(exact, 1e-7) | named


@given(positions)
@settings(deadline=None, max_examples=15)  # astropy, the judge, takes its time
@example((83.6325, -0.004))  # a declination that is -00
@example((0.0, 0.0))
@example((359.99, -89.99))
def test_every_form_of_text_is_read_back(position: tuple[float, float]) -> None:
    at = SkyCoord(*position, unit="deg")
    for text, resolution in text_forms(at).items():
        source = resolve(text, online=False)
        assert source.position.separation(at).deg < resolution, text
        assert source.resolved_by == "coordinates"


@given(positions)
@settings(deadline=None, max_examples=15)
def test_every_kind_of_value_is_the_same_position(position: tuple[float, float]) -> None:
    ra, dec = position
    at = SkyCoord(ra, dec, unit="deg")
    hms, dms = at.to_string("hmsdms", precision=8).split()
    values: tuple[Any, ...] = (
        (ra, dec),
        [ra, dec],
        np.array([ra, dec]),
        (ra * u.deg, dec * u.deg),
        (ra / 15 * u.hourangle, np.radians(dec) * u.rad),
        (Longitude(ra, "deg"), Latitude(dec, "deg")),
        position * u.deg,
        (str(ra), str(dec)),
        (hms, dms),
        at,
        at.fk5,
        at.fk4,
        at.galactic,
        at.barycentrictrueecliptic,
        at.supergalactic,
        at.frame,
        at.reshape(1),
    )
    for value in values:
        assert resolve(value).position.separation(at).deg < 1e-7


@given(positions)
@settings(deadline=None, max_examples=15)
def test_the_forms_of_one_position_are_one_query(position: tuple[float, float]) -> None:
    hms = SkyCoord(*position, unit="deg").to_string("hmsdms", precision=2)
    at = SkyCoord(hms)
    forms: tuple[Any, ...] = (
        hms,
        hms.replace(" ", ", "),
        at,
        at.galactic,
        at.fk5,
        tuple(hms.split()),
    )
    assert len({(resolve(form).ra, resolve(form).dec) for form in forms}) == 1


@pytest.mark.parametrize(
    ("text", "ra", "dec"),
    [
        ("J0534+2200", "05h34m", "22d00m"),
        ("J05345-2200", "05h34.5m", "-22d00m"),  # tenths of a minute, as IGR names have them
        ("J1753.5-0127", "17h53.5m", "-1d27m"),
        ("J053431.9+220052", "05h34m31.9s", "22d00m52s"),
        ("053432+220052", "05h34m32s", "22d00m52s"),
        ("05h34m31s.9 +22°00'52\"", "05h34m31.9s", "22d00m52s"),
        ("05h34m31.9s +22°00'52''", "05h34m31.9s", "22d00m52s"),
        ("5 hours 34 min 31.9 sec 22 deg 0 arcmin 52 arcsec", "05h34m31.9s", "22d00m52s"),
        ("5h 34m 31.9s, 22d 0m 52s", "05h34m31.9s", "22d00m52s"),
        ("5 34 22 0", "05h34m", "22d00m"),
        ("05:34.5 +22:00.9", "05h34m30s", "22d00m54s"),
        ("5h34m −22d", "05h34m", "-22d"),
        ("05h34m32 +22d00m52", "05h34m32s", "22d00m52s"),
        ("5h34m32.5 22d0m52.5", "05h34m32.5s", "22d00m52.5s"),
        ("5h34m 22 0 52", "05h34m", "22d00m52s"),  # parted by a blank: another angle
        ("83d37m58s +22d00m52s", "83d37m58s", "22d00m52s"),
        ("83.63 +22:00:52", "83.63d", "22d00m52s"),
    ],
)
def test_short_and_mixed_forms_are_read(text: str, ra: str, dec: str) -> None:
    source = resolve(text, online=False)
    assert source.position.separation(SkyCoord(ra, dec)).deg < 1e-8


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("83,63 22,01", "more than one way"),
        ("83,63; 22,01", "more than one way"),
        ("5 34 31.9", "not two angles"),
        ("5 34 22 0 52", "more than one way"),
        ("83.63 N 22.01", "points of the compass"),
        ("22.01N, 83.63E", "points of the compass"),
        ("05:34:31.9", "not two angles"),
        ("5.5 +22:00:52", "may be hours or degrees"),
        ("83:37:58 +22:00:52", "hours of a right ascension are 0 to 24"),
        ("25:00:00 22:00:00", "hours of a right ascension"),
        ("05:61:00 22:00:00", "not an angle"),
        ("05:34:60 22:00:00", "not an angle"),
        ("05:34:31 22:60:00", "not an angle"),
        ("400, 22", "outside 0 to 360"),
        ("83, 95", "outside -90 to 90"),
        ("l=500 b=2", "not on the sky"),
        ("-5.78 184.56 galactic", "not on the sky"),
        (("5h34m", "here"), "not two angles"),
        ((83.6, "22d"), "not a number"),
        ((83.6 * u.keV, 22.0 * u.deg), "not convertible to deg"),
        (SkyCoord([1, 2], [3, 4], unit="deg"), "not a single position"),
        (SkyCoord(float("nan"), 3, unit="deg"), "not a finite number"),
        (AltAz(1 * u.deg, 2 * u.deg), "not convertible to ICRS"),
        (ICRS(), "not convertible to ICRS"),
    ],
)
def test_what_is_no_single_position_is_refused_with_the_reason(text: Any, words: str) -> None:
    with pytest.raises(BadParameter, match=words) as caught:
        resolve(text, online=False)
    assert not isinstance(caught.value, UnknownSource)


def test_frames_without_a_wrapper_are_coordinates_too() -> None:
    frame = Galactic(l=CRAB.galactic.l, b=CRAB.galactic.b)
    assert resolve(frame).position.separation(CRAB).deg < 1e-8


def test_the_name_of_a_position_is_that_position() -> None:
    source = resolve((83.63321, -22.01447))
    again = resolve(source.name)
    assert (again.name, again.ra, again.dec) == (source.name, source.ra, source.dec)
