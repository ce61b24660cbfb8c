"""Classes of light, against the shadows that traced rays cast."""

from __future__ import annotations

import numpy as np
import pytest

from oda_widgets.engine.light_classes import LIGHT_CLASSES, light_classes
from oda_widgets.instruments.isgri import detector as isgri
from tests.photons.mask import Mask

EXISTS = isgri.existing_pixels()


def lit(slopes: tuple[float, float]) -> np.ndarray:
    """Return the part of each pixel that rays reach, shape (134, 130)."""
    offsets = (np.arange(8) - 3.5) * isgri.PIXEL_ACTIVE_SIDE / 8
    y, z = isgri.pixel_centres_y()[None, :], isgri.pixel_centres_z()[:, None]
    y, z = np.broadcast_arrays(y, z)
    rays = [Mask().is_open(y + dy, z + dz, slopes) for dy in offsets for dz in offsets]
    return np.asarray(np.mean(rays, axis=0) * EXISTS)


def drawn(light: np.ndarray, background: float, scatter: float = 0.07) -> np.ndarray:
    random = np.random.default_rng(3)
    efficiency = random.normal(1.0, scatter, EXISTS.shape)
    return random.poisson(np.where(EXISTS, background * efficiency * (1 + light), 0)).astype(float)


@pytest.mark.parametrize("background", [4.0, 40.0])
@pytest.mark.parametrize("slopes", [(0.002, -0.003), (0.11, -0.08)], ids=["axis", "rim"])
def test_a_bright_source_makes_classes_of_its_light(
    slopes: tuple[float, float], background: float
) -> None:
    shadow = lit(slopes)
    kinds = light_classes(drawn(shadow, background))
    assert kinds.max() == LIGHT_CLASSES - 1
    assert np.corrcoef(kinds[EXISTS], shadow[EXISTS])[0, 1] > 0.97


@pytest.mark.parametrize("crabs", [1.0, 10.0, 60.0])
def test_pixels_of_a_class_have_like_parts_of_light_however_bright_it_is(crabs: float) -> None:
    shadow = crabs * lit((0.002, -0.003))
    kinds = light_classes(drawn(shadow, 10.0))
    part = shadow / (1 + shadow)  # soft light and hard background mix in this proportion
    spread = [np.ptp(np.percentile(part[EXISTS & (kinds == kind)], [5, 95])) for kind in (0, 4)]
    assert max(spread) < 0.4 * part.max()


def test_several_sources_add_up() -> None:
    light = 0.4 * lit((0.02, 0.05)) + 0.3 * lit((-0.06, 0.01)) + 0.2 * lit((0.01, -0.07))
    kinds = light_classes(drawn(light, 20.0))
    assert np.corrcoef(kinds[EXISTS], light[EXISTS])[0, 1] > 0.93


@pytest.mark.parametrize("background", [0.0, 0.5, 4.0, 40.0])
def test_without_a_source_all_pixels_are_in_like_light(background: float) -> None:
    assert not light_classes(drawn(np.zeros(EXISTS.shape), background)).any()


def test_dead_and_noisy_pixels_cast_no_shadow() -> None:
    random = np.random.default_rng(5)
    counts = drawn(np.zeros(EXISTS.shape), 10.0)
    counts[random.random(EXISTS.shape) < 0.06] = 0.0
    counts[EXISTS & (random.random(EXISTS.shape) < 0.002)] *= 20.0
    assert not light_classes(counts).any()
