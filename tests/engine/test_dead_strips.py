"""Beside a dead strip pixels record what was not lost on it, wherever the rims of holes are."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter1d

from oda_widgets.engine.dead_strips import bend, efficiency_beside
from oda_widgets.engine.jemx_aperture import jemx_aperture
from oda_widgets.engine.position_blur import PositionBlur
from oda_widgets.request.energy import EnergyBand

FINER = 25  # places in a pixel
SIZE = 60  # pixels
HOLE = 3.3  # mm, as wide as a cell of the mask
STRIPS = (14, 30, 32, 47)
BLUR = PositionBlur((0.4, 0.6), (0.7, 0.3))


def recorded(light: np.ndarray, strips: tuple[int, ...]) -> np.ndarray:
    """Return what pixels of 1 mm record of light on a fine grid, (n, SIZE * FINER)."""
    alive = np.repeat(~np.isin(np.arange(SIZE), strips), FINER)
    blurred = sum(
        fraction * gaussian_filter1d(light * alive, sigma * FINER, axis=1, truncate=6)
        for sigma, fraction in zip(BLUR.sigmas, BLUR.fractions, strict=True)
    )
    return np.asarray(blurred).reshape(len(light), SIZE, FINER).mean(axis=2)


def holes(number: int) -> np.ndarray:
    """Return light through rows of holes, each row shifted by another part of a pixel."""
    place = (np.arange(SIZE * FINER) + 0.5) / FINER
    shift = HOLE * np.linspace(0, 2, number, endpoint=False)[:, None]
    return (np.floor((place + shift) / HOLE) % 2).astype(float)


def test_an_even_light_is_seen_with_the_efficiency() -> None:
    efficiency = efficiency_beside(STRIPS, SIZE, 1.0, BLUR)
    even = recorded(np.ones((1, SIZE * FINER)), STRIPS)[0]
    assert efficiency[5:-5] == pytest.approx(even[5:-5], abs=2e-3)


def test_shadows_are_bent_as_what_is_lost_on_the_strips_bends_them() -> None:
    light = holes(20)
    truth, straight = recorded(light, STRIPS), recorded(light, ())
    efficiency = efficiency_beside(STRIPS, SIZE, 1.0, BLUR)
    used = (efficiency > 0.6) & (np.abs(np.arange(SIZE) - SIZE / 2) < SIZE / 2 - 5)
    bent = straight @ bend(STRIPS, SIZE, 1.0, BLUR) * efficiency
    left = (bent - truth)[:, used]
    before = (straight * efficiency - truth)[:, used]
    assert np.abs(before).max() > 0.05
    assert left.std() < before.std() / 3
    assert np.abs(left).max() < np.abs(before).max() / 2


def test_no_pixel_sees_less_than_nothing() -> None:
    aperture = replace(jemx_aperture(EnergyBand(3, 20)), strips=(40, 105, 110))
    assert aperture.shadow_of(0.0, 0.0).min() == 0.0


def test_without_strips_nothing_is_bent() -> None:
    assert bend((), SIZE, 1.0, BLUR) == pytest.approx(np.eye(SIZE))
