"""The value of a mosaic in a direction, and its peaks."""

from __future__ import annotations

import pytest

from oda_widgets.engine.mosaic import Mosaic
from oda_widgets.engine.mosaic_peaks import SignificanceMap, peak_near, peaks, value_at
from tests.engine.test_mosaic import POINTINGS, SOURCE, added, resampled

SIGNIFICANCE = 10 * 3**0.5


@pytest.fixture(scope="module")
def mosaic() -> Mosaic:
    return added([resampled(pointing, 10.0) for pointing in POINTINGS])


@pytest.fixture(scope="module")
def found(mosaic: Mosaic) -> SignificanceMap:
    return SignificanceMap.of(mosaic)


def test_the_flux_in_a_direction_is_that_of_the_source(mosaic: Mosaic) -> None:
    flux, weight = value_at(mosaic, *SOURCE)
    assert flux == pytest.approx(10, rel=0.01)
    assert weight == pytest.approx(3, rel=0.01)


def test_nothing_is_seen_outside(mosaic: Mosaic, found: SignificanceMap) -> None:
    assert value_at(mosaic, 180.0, -60.0) == (0.0, 0.0)
    assert peak_near(found, 180.0, -60.0, 0.1) is None


def test_a_source_is_a_peak_where_it_is(found: SignificanceMap) -> None:
    (peak,) = peaks(found, 5.0, [])
    assert (peak.ra, peak.dec) == pytest.approx(SOURCE, abs=0.2 / 60)
    assert peak.significance == pytest.approx(SIGNIFICANCE, rel=0.02)


def test_there_is_no_peak_near_another_or_below_the_limit(found: SignificanceMap) -> None:
    assert not list(peaks(found, 5.0, [SOURCE]))
    assert not list(peaks(found, 20.0, []))


def test_a_peak_is_found_from_nearby(found: SignificanceMap) -> None:
    peak = peak_near(found, SOURCE[0] + 0.05, SOURCE[1] - 0.05, 0.1)
    assert peak is not None
    assert (peak.ra, peak.dec) == pytest.approx(SOURCE, abs=0.2 / 60)
