"""What a mosaic shows in a direction, and where it has peaks."""

from __future__ import annotations

import pytest

from oda_widgets.engine.mosaic_peaks import peak_near, peaks, value_at
from tests.engine.test_mosaic import POINTINGS, SOURCE, added, resampled

MOSAIC = added([resampled(pointing, 10.0) for pointing in POINTINGS])
SIGNIFICANCE = 10 * 3**0.5


def test_the_flux_in_a_direction_is_that_of_the_source() -> None:
    flux, weight = value_at(MOSAIC, *SOURCE)
    assert flux == pytest.approx(10, rel=0.01)
    assert weight == pytest.approx(3, rel=0.01)


def test_nothing_is_seen_outside() -> None:
    assert value_at(MOSAIC, 180.0, -60.0) == (0.0, 0.0)
    assert peak_near(MOSAIC, 180.0, -60.0, 0.1) is None


def test_a_source_is_a_peak_where_it_is() -> None:
    (peak,) = peaks(MOSAIC, 5.0, [])
    assert (peak.ra, peak.dec) == pytest.approx(SOURCE, abs=0.2 / 60)
    assert peak.significance == pytest.approx(SIGNIFICANCE, rel=0.02)


def test_it_is_none_where_one_was_taken_or_below_the_limit() -> None:
    assert not list(peaks(MOSAIC, 5.0, [SOURCE]))
    assert not list(peaks(MOSAIC, 20.0, []))


def test_a_peak_is_found_from_nearby() -> None:
    peak = peak_near(MOSAIC, SOURCE[0] + 0.05, SOURCE[1] - 0.05, 0.1)
    assert peak is not None
    assert (peak.ra, peak.dec) == pytest.approx(SOURCE, abs=0.2 / 60)
