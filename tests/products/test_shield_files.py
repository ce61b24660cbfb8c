"""Light curves of SPI-ACS in files: MMODA's FITS, the text of the ISDC's services, orbit files."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits
from hypothesis import given, settings
from hypothesis import strategies as st

import oda_widgets as oda
from oda_widgets.errors import BadParameter, DamagedFile, EmptySelection, FileWarning, OdaError
from oda_widgets.products.files.shield_text import read_shield_text
from oda_widgets.products.orbit import Orbit, Place
from oda_widgets.products.shield import NOISE_FACTOR, ShieldCounts
from oda_widgets.products.shield_curve import shield_curve
from oda_widgets.request.timespan import to_ijd
from tests.real_data import GRB_230307A, ORBIT

# The first rows as the service writes them, 2008-03-19 (its times; our counts).
GENLC = """# please take care! the UTC reference times are computed assuming no leap seconds
# reference (start) UTC is: 2008-03-19T05:35:00 20100
# columns are:
# [IJD] [seconds since reference] [counts in bin] [seconds since midnight]
3000.2333937608077576 0.03693378239 5894 20100.0369337824
3000.2333943395251481 0.08693496493 5644 20100.0869349649
3000.2333949182202559 0.1369342222 5820 20100.1369342222
"""
# The same in the format of the interplanetary network, asked for 05:35:01 with 1 s around it.
IPNLC = """'INTEGRAL  ' '19/03/08' 20101.00000 100.000  10000.000
   0.00000 0.05000000
    -0.988 5894.00000
    -0.938 5644.00000
    -0.888 5820.00000
"""


def rewritten(path: Path, **keywords: object) -> Path:
    """Return a copy of the file of GRB 230307A with other keywords."""
    with fits.open(GRB_230307A) as hdus:
        for keyword, value in keywords.items():
            hdus["RATE"].header[keyword] = value
        hdus.writeto(path)
    return path


def test_the_bins_of_mmoda_have_the_lengths_they_were_joined_with() -> None:
    curve = oda.LightCurve.read(GRB_230307A)
    lengths, number = np.unique(curve.width.round(6), return_counts=True)
    assert dict(zip(lengths.tolist(), number.tolist(), strict=True)) == {
        0.05: 4,
        0.1: 5392,
        0.15: 4,
    }
    assert curve.width.sum() == pytest.approx(540.0)
    assert np.abs(curve.edges[1:, 0] - curve.edges[:-1, 1]).max() * 86400 < 1e-5
    np.testing.assert_allclose(curve.total_counts % 2, 0, atol=1e-6)  # the counter drops one bit


def test_errors_of_the_shield_carry_its_noise() -> None:
    curve = oda.LightCurve.read(GRB_230307A)
    with fits.open(GRB_230307A) as hdus:
        np.testing.assert_allclose(curve.error, NOISE_FACTOR * hdus["RATE"].data["ERROR"])
    quiet = curve.cut(stop="2023-03-07T15:43:50")
    assert quiet.fit("linear").chi2 / quiet.fit("linear").degrees == pytest.approx(1.0, abs=0.1)
    assert "1.16 times Poisson" in curve.observation.rates_note


def test_a_file_of_ours_is_read_as_it_was_written(tmp_path: Path) -> None:
    curve = oda.LightCurve.read(GRB_230307A)
    curve.write(tmp_path / "curve.fits")
    again = oda.open(tmp_path / "curve.fits")
    for column in ("rate", "error", "width", "time", "total_counts"):
        np.testing.assert_array_equal(getattr(again, column), getattr(curve, column))
    assert again.observation.place == curve.observation.place
    header = fits.getheader(tmp_path / "curve.fits", 1)
    assert (header["HDUCLAS2"], header["BACKAPP"]) == ("TOTAL", False)


def test_errors_that_are_not_poissons_are_left_alone(tmp_path: Path) -> None:
    with fits.open(GRB_230307A) as hdus:
        hdus["RATE"].data["ERROR"] *= 1.3
        hdus.writeto(tmp_path / "raised.fits")
        stated = hdus["RATE"].data["ERROR"].copy()
    # Without Poisson's errors nothing tells that some bins are shorter than the header says.
    with pytest.warns(FileWarning, match="7 of its 5400 bins begin before others end"):
        curve = oda.LightCurve.read(tmp_path / "raised.fits")
    np.testing.assert_array_equal(curve.error, stated)


def test_a_place_that_is_none_is_left_out(tmp_path: Path) -> None:
    path = rewritten(tmp_path / "place.fits", EPHS="somewhere far away")
    with pytest.warns(FileWarning, match="EPHS = 'somewhere far away' is not a place"):
        assert oda.LightCurve.read(path).observation.place is None


@pytest.mark.parametrize("text", [GENLC, GENLC.replace("\n", "<br>\n"), json.dumps(GENLC)])
def test_genlc_is_read(text: str, tmp_path: Path) -> None:
    (tmp_path / "acs.txt").write_text(text)
    curve = oda.open(tmp_path / "acs.txt")
    np.testing.assert_array_equal(curve.total_counts, [5894, 5644, 5820])
    np.testing.assert_allclose(curve.rate, np.array([5894, 5644, 5820]) / 0.05)
    np.testing.assert_allclose(curve.error, NOISE_FACTOR * np.sqrt([5894, 5644, 5820]) / 0.05)
    middle = to_ijd("2008-03-19T05:35:00.036934")
    assert (curve.time[0] - middle) * 86400 == pytest.approx(0, abs=1e-5)


@pytest.mark.parametrize("text", [IPNLC, IPNLC.replace("\n", "<br>\n").replace("/08'", "/2008'")])
def test_ipnlc_has_the_times_of_genlc(text: str) -> None:
    first, second = (read_shield_text(one.encode(), "x") for one in (GENLC, text))
    np.testing.assert_allclose(first.start * 86400, second.start * 86400, atol=6e-4)  # 3 decimals
    np.testing.assert_array_equal(first.counts, second.counts)


@pytest.mark.parametrize(
    ("reply", "error", "words"),
    [
        ("<html><body><h1>500</h1> Server &lt;error&gt;</body></html>", DamagedFile,
         'x answers with a page and not with counts: "500 Server <error>"'),
        ("<html><script>steal()</script><p>Bad time: 2050 is in the future!</p>", DamagedFile,
         '"Bad time: 2050 is in the future!"'),
        ('"ZeroData()"', EmptySelection, "x has no data of this time"),
        ("due to limits on the system load the requests to this service are limited to +-5000",
         DamagedFile, "Ask for less"),
        ("", DamagedFile, "x holds no counts"),
        ("\n".join(IPNLC.splitlines()[:2]), EmptySelection, "a heading and no counts"),
        (GENLC.replace("5644", "many"), DamagedFile, "a line is not one of genlc"),
        (GENLC.replace("5644", "-4"), DamagedFile, "row 2 has no number of counts"),
        (GENLC.replace("5644", "nan"), DamagedFile, "row 2 has no number of counts"),
        (GENLC + "3000.2333955 0.18 5830", DamagedFile, "a line is not one of genlc"),
        (IPNLC.replace("0.05000000", "0.08000000"), DamagedFile, "a line is not one of"),
        (IPNLC.replace("19/03", "39/13"), DamagedFile, "a line is not one of"),
    ],
)  # fmt: skip
def test_what_is_no_light_curve_is_refused_in_words(
    reply: str, error: type[Exception], words: str
) -> None:
    with pytest.raises(error) as caught:
        read_shield_text(reply.encode(), "x")
    assert words in str(caught.value)
    assert "steal" not in str(caught.value)


@given(st.data())
@settings(max_examples=60)
def test_a_damaged_reply_is_read_or_refused_in_words(data: st.DataObject) -> None:
    text = data.draw(st.sampled_from([GENLC, IPNLC, json.dumps(GENLC), "<html>" + GENLC]))
    place = data.draw(st.integers(0, len(text)))
    length = data.draw(st.integers(0, 40))
    broken = text[:place] + data.draw(st.text(max_size=12)) + text[place + length :]
    with suppress(OdaError):  # any other error fails
        counts = read_shield_text(broken.encode("utf-8", "replace"), "x")
        assert np.isfinite(counts.start).all()
        assert (counts.counts >= 0).all()


def test_a_page_that_was_saved_as_a_light_curve_says_so(tmp_path: Path) -> None:
    (tmp_path / "acs.txt").write_text("<!DOCTYPE html><title>Service is down</title>")
    with pytest.raises(DamagedFile, match=r"answers with a page .*Service is down"):
        oda.LightCurve.read(tmp_path / "acs.txt")


def test_bins_that_two_windows_have_are_taken_once() -> None:
    lines = GENLC.splitlines(keepends=True)
    twice = "".join([*lines, *lines[-2:]])
    assert len(read_shield_text(twice.encode(), "x")) == 3


def test_longer_bins_hold_the_same_counts() -> None:
    counts = ShieldCounts.native(3000.0 + np.arange(200) * 0.05 / 86400, np.arange(200.0))
    curve = shield_curve(counts, 1.0)
    assert len(curve) == 10
    assert curve.total_counts.sum() == pytest.approx(counts.counts.sum())
    np.testing.assert_allclose(curve.width, 1.0)
    np.testing.assert_allclose(curve.exposed_fraction, 1.0)
    np.testing.assert_allclose(curve.rate, counts.counts.reshape(10, 20).sum(axis=1))


def test_a_gap_in_a_longer_bin_is_no_exposure() -> None:
    counts = ShieldCounts.native(3000.0 + np.arange(40) * 0.05 / 86400, np.full(40, 10.0))
    holed = ShieldCounts(
        *(np.delete(x, np.s_[5:15]) for x in (counts.start, counts.width, counts.counts))
    )
    curve = shield_curve(holed, 1.0)
    np.testing.assert_allclose(curve.rate, 200.0)
    np.testing.assert_allclose(curve.exposure, [0.5, 1.0])


@pytest.mark.parametrize("time_bin", [0.07, 0.01, 0.123])
def test_bins_of_other_lengths_are_refused(time_bin: float) -> None:
    counts = ShieldCounts.native(3000.0 + np.arange(20) * 0.05 / 86400, np.ones(20))
    with pytest.raises(BadParameter, match="time_bin"):
        shield_curve(counts, time_bin)


def test_an_orbit_file_gives_the_place_of_the_satellite() -> None:
    """Against the rows of the file: half an hour, 152,900 to 151,972 km."""
    orbit = Orbit.read(ORBIT)
    place = orbit.at("2009-04-01T02:11:24")
    x, y, z = -9869.01716747, 7480.68206699, 152371.09404794  # km, its first row
    assert place.distance == pytest.approx(np.sqrt(x**2 + y**2 + z**2))
    assert place.ra == pytest.approx(np.degrees(np.arctan2(y, x)))
    assert place.dec == pytest.approx(np.degrees(np.arcsin(z / place.distance)))
    assert orbit.at("2009-04-01T02:43").distance < orbit.at("2009-04-01T02:15").distance
    with pytest.raises(BadParameter, match="orbit file covers 2009-04-01T02:11"):
        orbit.at("2009-04-02")


def test_the_orbit_of_a_revolution_is_read(tmp_path: Path) -> None:
    days = np.array([3376.0, 3376.1])
    columns = [
        fits.Column("DAYBEG", "D", unit="d", array=days),
        fits.Column("XYZPOS", "3D", unit="km", array=[[1e5, 0, 0], [0, 1e5, 0]]),
    ]
    fits.BinTableHDU.from_columns(columns, name="AUXL-ORBI-HIS").writeto(tmp_path / "orbit.fits")
    assert Orbit.read(tmp_path / "orbit.fits").at(3376.0) == pytest.approx((0.0, 0.0, 1e5))


def test_a_file_without_an_orbit_is_refused() -> None:
    with pytest.raises(DamagedFile, match="no table of positions"):
        Orbit.read(GRB_230307A)


@pytest.mark.parametrize(("ra", "delay"), [(30.0, 0.5), (210.0, -0.5), (120.0, 0.0)])
def test_light_reaches_the_earth_later_if_the_satellite_is_nearer(ra: float, delay: float) -> None:
    place = Place(30.0, 0.0, 149_896.229)  # half a light second
    assert place.light_travel_time(ra, 0.0) == pytest.approx(delay, abs=1e-9)
