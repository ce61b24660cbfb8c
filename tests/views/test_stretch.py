from __future__ import annotations

import numpy as np
import pytest

from oda_widgets.errors import BadParameter
from oda_widgets.views.sky.stretch import COLOUR_MAPS, SCALES, Stretch, suggested_cuts


@pytest.mark.parametrize("scale", SCALES)
def test_scales_run_from_zero_to_one_and_back(scale: str) -> None:
    forward, inverse = SCALES[scale]
    places = np.linspace(0, 1, 11)
    np.testing.assert_allclose(forward(inverse(places)), places, atol=1e-12)
    assert forward(np.array([0.0, 1.0])).tolist() == [0, 1]


@pytest.mark.parametrize("scale", SCALES)
def test_ticks_stand_at_the_colour_of_their_value(scale: str) -> None:
    stretch = Stretch(-2.5, 48.2, scale)
    forward, _ = SCALES[scale]
    ticks = stretch.bar_ticks()
    assert len(ticks) >= 4
    for place, label in ticks.items():
        value = float(label.replace("\N{MINUS SIGN}", "-"))
        exact = forward(np.float64((value - stretch.low) / (stretch.high - stretch.low)))
        assert place == pytest.approx(float(exact), abs=1e-6)


@pytest.mark.parametrize("colours", COLOUR_MAPS)
def test_palettes_keep_their_ends(colours: str) -> None:
    stretch = Stretch(0, 1, "asinh", colours)
    assert stretch.image_palette[0] == stretch.bar_palette[0]
    assert stretch.image_palette[-2] == stretch.bar_palette[-1]
    assert stretch.levels(np.array([-1, 0, 1, 2, np.nan])).tolist() == [0, 0, 254, 254, 255]


def test_asinh_shows_faint_values_in_more_colours() -> None:
    linear, asinh = Stretch(0, 1, "linear"), Stretch(0, 1, "asinh")
    faint = np.linspace(0, 0.1, 1000)
    assert len(set(asinh.levels(faint))) > 3 * len(set(linear.levels(faint)))


@pytest.mark.parametrize(
    "wrong", [{"low": 5}, {"low": float("nan")}, {"scale": "cubic"}, {"colours": "jet"}]
)
def test_a_wrong_choice_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(BadParameter):
        Stretch(0, 5).with_(**wrong)


def test_suggested_cuts_show_the_noise_whatever_the_source() -> None:
    noise = np.random.default_rng(1).normal(size=(200, 200))
    noise[3, 3] = 1000
    low, high = suggested_cuts(noise)
    assert low == pytest.approx(-2.5, abs=0.1)
    assert high == pytest.approx(20, abs=0.5)


@pytest.mark.parametrize("values", [np.full((3, 3), np.nan), np.ones((3, 3))])
def test_maps_without_contrast_have_cuts_too(values: np.ndarray) -> None:
    low, high = suggested_cuts(values)
    assert low < high
