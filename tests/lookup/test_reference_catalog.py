"""The reference catalogue that comes with the package."""

from __future__ import annotations

import subprocess
import sys
from itertools import pairwise
from math import isnan

import pytest
from astropy.coordinates import SkyCoord
from hypothesis import given, settings
from hypothesis import strategies as st

from oda_widgets.errors import BadParameter
from oda_widgets.lookup.name_index import known_source
from oda_widgets.lookup.reference_catalog import reference_catalog, sources_within
from oda_widgets.request.spelling import match_key


def test_it_holds_what_the_isdc_published_and_what_was_added_by_hand() -> None:
    origins = [source.origin for source in reference_catalog()]
    assert origins.count("GNRL-REFR-CAT 43") == 947
    assert len(origins) == 948


def test_the_crab_is_as_the_isdc_lists_it() -> None:
    crab = known_source("Crab")
    assert crab is not None
    assert (crab.ra, crab.dec) == pytest.approx((83.63321, 22.01447), abs=1e-5)
    assert (crab.rate_20_60, crab.rate_60_200) == pytest.approx((230.9, 59.5), abs=0.1)
    assert crab.spectral_model == "wabs*powerlaw"
    assert crab.spectral_parameters == pytest.approx((0.26, 2.1, 10))


def test_a_source_without_a_model_has_no_rate() -> None:
    source = known_source("SGR 1935+2154")
    assert source is not None
    assert isnan(source.rate_20_60)
    assert (source.spectral_model, source.spectral_parameters) == ("", ())


def test_every_name_leads_to_its_own_source() -> None:
    for source in reference_catalog():
        assert known_source(source.name) is source


def test_no_two_sources_share_an_alias() -> None:
    owners: dict[str, str] = {}
    for source in reference_catalog():
        for alias in source.aliases:
            assert owners.setdefault(match_key(alias), source.name) == source.name


def test_aliases_that_contain_another_position_were_left_out() -> None:
    assert known_source("LS I +61 303") is known_source("GT 0236+610")
    assert known_source("1RXS J045707.4+452751") is not known_source("SWIFT J0208.4-7428")


def test_all_positions_are_on_the_sky() -> None:
    assert all(0 <= s.ra < 360 and -90 <= s.dec <= 90 for s in reference_catalog())


def test_it_becomes_a_source_that_can_be_asked_about() -> None:
    source = sources_within(83.6, 22.0, 1)[0].source
    assert (source.name, source.resolved_by) == ("Crab", "reference catalogue")


@given(st.floats(0, 360), st.floats(-90, 90), st.floats(0, 180))
@settings(max_examples=25, deadline=None)
def test_a_cone_holds_exactly_the_sources_within_it_nearest_first(
    ra: float, dec: float, radius: float
) -> None:
    catalog = reference_catalog()
    positions = SkyCoord([s.ra for s in catalog], [s.dec for s in catalog], unit="deg")
    angles = dict(
        zip(catalog, positions.separation(SkyCoord(ra, dec, unit="deg")).deg, strict=True)
    )
    found = sources_within(ra, dec, radius)
    clearly = {source for source in catalog if angles[source] < radius - 1e-9}
    at_most = {source for source in catalog if angles[source] < radius + 1e-9}
    assert clearly <= set(found) <= at_most
    order = [angles[source] for source in found]
    assert all(a <= b + 1e-9 for a, b in pairwise(order))


@pytest.mark.parametrize(
    ("parameter", "arguments"),
    [
        ("ra", (400, 0, 1)),
        ("dec", (0, 91, 1)),
        ("radius", (0, 0, -1)),
        ("ra", (float("nan"), 0, 1)),
    ],
)
def test_a_cone_off_the_sky_is_refused(
    parameter: str, arguments: tuple[float, float, float]
) -> None:
    with pytest.raises(BadParameter, match=parameter):
        sources_within(*arguments)


def test_names_and_archives_are_there_without_heavy_imports() -> None:
    program = (
        "import sys; from oda_widgets.lookup.names import resolve; resolve('Crab');"
        "import oda_widgets.archive.sample, oda_widgets.archive.isdc, oda_widgets.archive.select;"
        "print([name for name in ('astropy', 'astroquery', 'scipy') if name in sys.modules])"
    )
    loaded = subprocess.check_output([sys.executable, "-c", program], text=True)
    assert loaded.strip() == "[]"
