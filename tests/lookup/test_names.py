"""From what people type to where a source is."""

from __future__ import annotations

import re
from random import Random
from typing import Any

import pytest
from astropy.coordinates import SkyCoord
from hypothesis import given
from hypothesis import strategies as st

from oda_widgets.errors import BadParameter, UnknownSource
from oda_widgets.lookup.name_services import NameService
from oda_widgets.lookup.names import resolve
from oda_widgets.lookup.reference_catalog import ReferenceSource, reference_catalog
from oda_widgets.request.source import Source


def service(name: str, answer: Any) -> NameService:
    """Return a service that gives one answer to everything, or raises it."""

    def ask(_name: str) -> tuple[float, float] | None:
        if isinstance(answer, Exception):
            raise answer
        return answer

    return NameService(name, ask)


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("Crab", "Crab"),
        ("  crab ", "Crab"),
        ("M1", "Crab"),
        ("Taurus A", "Crab"),
        ("NGC1952", "Crab"),
        ("psr b0531+21", "Crab"),
        ("hd226868", "Cyg X-1"),
        ("CYG_X-1", "Cyg X-1"),
        ("cygx1", "Cyg X-1"),
        ("Cyg X−1", "Cyg X-1"),
        ("GS 2023+338", "V404 Cyg"),
        ("GX5-1", "GX 5-1"),
        ("GX+5-1", "GX 5-1"),  # blanks as web addresses write them
        ("4U 1758-25", "GX 5-1"),
        ("1A 0535 262", "1A 0535+262"),  # a plus sign lost in a web address
        ("V1487 Aql", "GRS 1915+105"),
        ("V* V1487 Aql", "GRS 1915+105"),
        ("NGC 5128", "Cen A"),
        ("SGR1935+2154", "SGR 1935+2154"),
        ("4U 0614+091", "H 0614+091"),
        ("4U 0115+634", "H 0115+634"),
        ("4U 1538-522", "H 1538-522"),
        ("4U 1822-37", "3A 1822-371"),
        ("MXB 1658-298", "H 1658-298"),
        ("Circinus", "Circinus Galaxy"),
        ("gamma Cas", "Gam Cas"),
        ("1E 1841-045", "AX J1841.3-0455"),  # the catalogue's own spelling was a typing error
        ("Sco X-2", "GX 349+2"),
        ("Eta Carinae", "1H 1045-597"),
    ],
)
def test_well_known_names_need_no_network(typed: str, name: str) -> None:
    source = resolve(typed, online=False)
    assert (source.name, source.resolved_by) == (name, "reference catalogue")


@pytest.mark.parametrize("letters", ["GX", "gx "])
@pytest.mark.parametrize(
    "galactic",
    ["1+4", "3+1", "5-1", "9+1", "9+9", "13+1", "17+2", "301-2", "304-1", "339-4", "340+0", "349+2",
     "354-0"],
)  # fmt: skip
def test_each_source_of_the_gx_catalogue_is_where_its_name_says(
    letters: str, galactic: str
) -> None:
    source = resolve(letters + galactic, online=False)
    place = SkyCoord(source.ra, source.dec, unit="deg").galactic
    longitude, latitude = re.fullmatch(r"(\d+)([+-]\d+)", galactic).groups()
    assert abs((place.l.deg - int(longitude) + 180) % 360 - 180) <= 1
    # GX 301-2 and GX 304-1 carry latitudes of early positions, 2 degrees off.
    assert abs(place.b.deg - int(latitude)) <= 2.3


def test_a_typing_error_of_the_catalogue_is_never_suggested() -> None:
    with pytest.raises(UnknownSource) as refused:
        resolve("GX 9+99", online=False)
    assert "GX 9+9" in str(refused.value)
    assert "G9" not in str(refused.value)


@pytest.mark.parametrize(
    ("name", "ra", "dec"),
    [
        ("Crab", 83.63321, 22.01447),
        ("V404 Cyg", 306.01593, 33.86720),
        ("Cyg X-1", 299.59033, 35.20161),
        ("GX 5-1", 270.28418, -25.07917),
        ("3C 279", 194.04654, -5.78931),
        ("NGC 2110", 88.04742, -7.45622),
        ("SGR 1935+2154", 293.73199, 21.89672),
    ],
)
def test_benchmark_sources_are_where_they_are(name: str, ra: float, dec: float) -> None:
    source = resolve(name, online=False)
    assert (source.ra, source.dec) == pytest.approx((ra, dec), abs=2e-5)


@given(st.sampled_from(reference_catalog()), st.randoms(use_true_random=False))
def test_case_blanks_and_underscores_never_matter(source: ReferenceSource, random: Random) -> None:
    typed = "".join(random.choice((c.upper(), c.lower())) for c in source.name)
    typed = typed.replace(" ", random.choice(("", "_", "  ", " ")))
    assert resolve(typed, online=False).name == source.name


def test_the_sign_of_a_declination_matters() -> None:
    assert resolve("IGR J17391-3021", online=False).dec < 0
    with pytest.raises(UnknownSource, match=r"Did you mean .*IGR J17391-3021"):
        resolve("IGR J17391+3021", online=False)


def test_a_source_is_its_own_answer() -> None:
    source = Source("mine", 1.0, 2.0)
    assert resolve(source) is source


@pytest.mark.parametrize(
    "value",
    [
        "", "   ", "x" * 10_000, "Crab\x00", "Crab\nNebula", "\x1b[31m", None, 83.6, (1, 2, 3), (),
        (float("nan"), 2), ("a", "b"), "83.6",
    ],
)  # fmt: skip
def test_values_that_cannot_be_a_source_are_refused(value: Any) -> None:
    with pytest.raises(BadParameter) as caught:
        resolve(value, online=False)
    assert not isinstance(caught.value, UnknownSource)
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize(
    "name",
    [
        "3C 273", "1h 0323+342", "HD 226868", "2S 0114+65", "1E 1145", "4U 1700-377", "0836+710",
        "4C 31.63", "IGR J17480-2446", "IGR J99999-9999", "PSR J0534+2200", "2MASS J05345+2200",
        "B0531+21", "J0534+22", "1H 1705-250", "HH 212", "Gal Center", "G359.23-0.82 X",
    ],
)  # fmt: skip
def test_names_that_begin_with_numbers_are_not_positions(name: str) -> None:
    services = [service("SIMBAD", (10.0, 20.0))]
    assert resolve(name, services=services).resolved_by != "coordinates"


def test_no_name_of_the_reference_catalogue_is_read_as_a_position() -> None:
    names = [name for source in reference_catalog() for name in (source.name, *source.aliases)]
    assert len(names) > 3000
    read = {name: resolve(name, online=False).resolved_by for name in names}
    assert set(read.values()) == {"reference catalogue"}


def test_simbad_answers_what_the_catalogue_does_not_know() -> None:
    source = resolve("Foo 1", services=[service("SIMBAD", (10.0, -20.0)), service("NED", None)])
    assert source == Source("Foo 1", 10.0, -20.0)
    assert source.resolved_by == "SIMBAD"


@pytest.mark.parametrize("simbad", [None, ConnectionError("refused"), TimeoutError()])
def test_ned_answers_when_simbad_does_not(simbad: Any) -> None:
    source = resolve("Foo 1", services=[service("SIMBAD", simbad), service("NED", (1.0, 2.0))])
    assert source.resolved_by == "NED"


def test_the_catalogue_is_asked_before_the_network() -> None:
    never = service("SIMBAD", AssertionError("the network was asked"))
    assert resolve("Crab", services=[never]).resolved_by == "reference catalogue"


def test_offline_no_service_is_asked() -> None:
    never = service("SIMBAD", AssertionError("the network was asked"))
    with pytest.raises(UnknownSource, match="no service on the network was queried"):
        resolve("Foo 1", online=False, services=[never])


def test_an_unknown_name_says_who_was_asked_and_who_was_silent() -> None:
    services = [service("SIMBAD", None), service("NED", TimeoutError())]
    with pytest.raises(UnknownSource) as caught:
        resolve("Cyg X-9", services=services)
    message = str(caught.value)
    assert "'Cyg X-9'" in message
    assert "unknown to the reference catalogue and SIMBAD; NED could not be reached" in message
    assert '"Cyg X-1"' in message


def test_names_unlike_all_others_get_no_suggestion() -> None:
    with pytest.raises(UnknownSource) as caught:
        resolve("qqqqqqqqqq", online=False)
    assert "Did you mean" not in str(caught.value)
