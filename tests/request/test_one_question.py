"""The same question always has the same identity, and different questions never do."""

from __future__ import annotations

from itertools import permutations

import astropy.units as u
import pytest
from astropy.time import Time
from hypothesis import assume, given
from hypothesis import strategies as st

from oda_widgets.errors import BadParameter
from oda_widgets.request.catalog import SourceCatalog
from oda_widgets.request.catalog_source import CatalogSource
from oda_widgets.request.queries import ImageQuery, LightCurveQuery, SpectrumQuery
from oda_widgets.request.source import Source
from oda_widgets.request.timespan import parse_intervals

WINDOWS = ("066500220010.001", "066500230010.001", "066500240010.001")
SOURCES = tuple(CatalogSource(name, ra, 20.0) for name, ra in (("A", 1), ("B", 2), ("C", 3)))

digits = st.integers(0, 999999)


def about(ra: float = 83.63, dec: float = 22.01, **fields: object) -> ImageQuery:
    settings = {"science_windows": WINDOWS, "energy": (20, 40)} | fields
    return ImageQuery(source=Source("Crab", ra, dec), **settings)  # type: ignore[arg-type]


def fitted(**fields: object) -> LightCurveQuery:
    settings = {"science_windows": WINDOWS, "catalog": SourceCatalog(SOURCES)} | fields
    return LightCurveQuery(**settings)  # type: ignore[arg-type]


@given(digits, st.randoms(use_true_random=False))
def test_permuted_digits_of_a_position_are_another_question(number: int, random: object) -> None:
    text = f"{number:06d}"
    letters = list(text)
    random.shuffle(letters)  # type: ignore[attr-defined]
    permuted = "".join(letters)
    assume(permuted != text)
    one, other = (float(f"{t[:2]}.{t[2:]}") for t in (text, permuted))
    assert about(ra=one).identity != about(ra=other).identity


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2003-03-15T00:00:00", "2003-05-13T00:00:00"),
        ("2003-03-15T23:27:40", "2003-03-15T22:37:40"),
    ],
)
def test_permuted_digits_of_a_date_are_another_question(one: str, other: str) -> None:
    stop = "2004-03-15T00:00:00"
    asked = [about(intervals=parse_intervals((start, stop))).identity for start in (one, other)]
    assert asked[0] != asked[1]


@given(digits, digits)
def test_permuted_digits_of_a_window_are_another_question(one: int, other: int) -> None:
    assume(one != other)
    asked = [about(science_windows=(f"0665{n:06d}10.001",)).identity for n in (one, other)]
    assert asked[0] != asked[1]


def test_permuted_windows_of_the_dispatcher_are_another_question() -> None:
    asked = [about(science_windows=(w,)).identity for w in ("066500220010", "066500210020")]
    assert asked[0] != asked[1]


@given(st.floats(0, 89), st.floats(0, 89))
def test_swapped_coordinates_are_another_question(ra: float, dec: float) -> None:
    assume(ra != dec)
    assert about(ra, dec).identity != about(dec, ra).identity


def test_numbers_that_change_places_between_fields_are_another_question() -> None:
    asked = {
        fitted(energy=(20, 40), time_bin=100).identity,
        fitted(energy=(20, 100), time_bin=40).identity,
        fitted(energy=(40, 100), time_bin=20).identity,
        SpectrumQuery(science_windows=WINDOWS, catalog=SourceCatalog(SOURCES)).identity,
        about(catalog=SourceCatalog(SOURCES)).identity,
    }
    assert len(asked) == 5


@given(st.integers(150, 9990))
def test_a_unit_is_not_part_of_a_question(tenths: int) -> None:
    low, high = tenths / 10, 1000
    asked = {
        about(energy=(low, high)).identity,
        about(energy=(f"{low}", f"{high:e}")).identity,
        about(energy=(low * u.keV, high * u.keV)).identity,
        about(energy=(tenths * 100 * u.eV, 1 * u.MeV)).identity,
        about(energy=((tenths / 10000) * u.MeV, high * u.keV)).identity,
    }
    assert len(asked) == 1


@given(st.integers(0, 86399999))
def test_the_format_of_a_time_is_not_part_of_a_question(milliseconds: int) -> None:
    start = Time("2022-10-12T00:00:00", scale="utc") + milliseconds * u.ms
    start.precision = 3
    stop = "2022-10-14T00:00:00"
    spellings = (
        start,
        start.isot,
        start.iso,
        start.tt,
        Time(start.mjd, format="mjd"),
        start.tdb.tt,
    )
    assert len({about(intervals=parse_intervals((s, stop))).identity for s in spellings}) == 1


def test_the_order_of_lists_is_not_part_of_a_question() -> None:
    windows = {about(science_windows=order).identity for order in permutations(WINDOWS)}
    sources = {fitted(catalog=SourceCatalog(order)).identity for order in permutations(SOURCES)}
    halves = [(3000.0, 3001.0), (3002.0, 3003.0)]
    times = {about(intervals=parse_intervals(i)).identity for i in (halves, halves[::-1])}
    assert (len(windows), len(sources), len(times)) == (1, 1, 1)


def test_a_source_that_is_not_ticked_is_not_asked_for() -> None:
    without = SourceCatalog(SOURCES[:2])
    unticked = SourceCatalog(SOURCES).update("C", selected=False)
    assert fitted(catalog=unticked).identity == fitted(catalog=without).identity


def test_a_negative_zero_is_zero() -> None:
    assert about(0.0, -0.0).identity == about(-0.0, 0.0).identity


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), "twenty", True])
def test_values_that_are_not_finite_have_no_identity(bad: object) -> None:
    with pytest.raises(BadParameter):
        about(energy=(20, bad))
