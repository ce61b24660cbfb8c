"""Positions of sources."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oda_widgets.engine.locate import error_radius, locate
from tests.engine.conftest import scene_of

ARCMINUTE = np.radians(1 / 60)


@settings(max_examples=12, deadline=None)
@given(st.floats(-0.15, 0.15), st.floats(-0.15, 0.15), st.floats(-3, 3), st.floats(-3, 3))
def test_noise_free_source_is_found_where_it_is(
    y: float, z: float, off_y: float, off_z: float
) -> None:
    truth = np.array([y, z])
    alone = scene_of([(y, z)], [100.0]).with_tangents(np.zeros((0, 2)))
    place, _ = locate(alone, truth + np.array([off_y, off_z]) * ARCMINUTE)
    assert np.hypot(*(place - truth)) < 0.05 * ARCMINUTE


def test_others_in_the_fit_do_not_draw_it(  # a peak's width away from a brighter one
) -> None:
    truth, other = np.array([0.02, 0.01]), (0.02 + 20 * ARCMINUTE, 0.01)
    scene = scene_of([other, (0.02, 0.01)], [300.0, 30.0])
    place, _ = locate(scene.with_tangents(np.array([other])), truth + ARCMINUTE)
    assert np.hypot(*(place - truth)) < 0.1 * ARCMINUTE


def test_error_radius_falls_to_that_of_the_alignment() -> None:
    radii = [60 * error_radius(significance) for significance in (5, 12.5, 50, 1e6)]
    assert radii == sorted(radii, reverse=True)
    assert radii[1] == pytest.approx(1.02, abs=0.01)
    assert radii[-1] == pytest.approx(0.2, abs=0.01)
