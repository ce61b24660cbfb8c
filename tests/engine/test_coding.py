"""Which part of the detector sees a direction."""

from __future__ import annotations

import numpy as np
import pytest

from oda_widgets.engine.coding import coding_fraction
from oda_widgets.engine.illumination import illumination


def coding(*tangents: float) -> float:
    """Return the coding fraction of one direction."""
    return float(coding_fraction(*(np.array([tangent]) for tangent in tangents))[0])


@pytest.mark.parametrize("direction", [(0.0, 0.0), (0.1, -0.08), (0.2, 0.0), (0.0, -0.15)])
def test_a_source_lights_as_many_pixels_as_see_the_mask(direction: tuple[float, float]) -> None:
    """To what the columns and rows at the rim of the mask are open more or less than others."""
    (shadow,) = illumination(*(np.array([tangent]) for tangent in direction))
    lit = np.mean(shadow > 0) / np.mean(illumination(np.zeros(1), np.zeros(1)) > 0)
    assert coding(*direction) == pytest.approx(lit, rel=0.1)


def test_it_is_all_of_the_detector_on_axis_and_none_outside_the_field() -> None:
    assert coding(0.0, 0.0) == 1
    assert coding(0.1, 0.27) == 0
    assert coding(np.nan, np.nan) == 0  # behind the telescope
