"""The shadow of the mask, against photons traced through it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from oda_widgets.engine.illumination import illumination
from tests.photons.beam import trace_beam
from tests.photons.detector import ACTIVE, HEIGHT, WIDTH, perfect_pixels, working_pixels
from tests.photons.mask import Mask
from tests.photons.observation import count_image
from tests.validation.results import Table

_PHOTONS = 12_000_000  # on the plane of the detector; 1.1 to 4.3 million of them are counted


@pytest.mark.parametrize(
    ("offset", "limit"),
    [
        ((0.0, 0.0), 1.10),
        ((4.0, 0.0), 1.10),
        ((0.0, 4.0), 1.10),
        ((4.0, 4.0), 1.10),
        ((8.0, 8.0), 1.3),
        ((-8.0, 8.0), 1.3),
        ((-12.0, 10.0), 1.3),
    ],
)
def test_shadow_is_that_of_traced_photons(
    table: Callable[[str], Table], offset: tuple[float, float], limit: float
) -> None:
    y, z = np.tan(np.radians(offset))
    rng = np.random.default_rng(11)
    hits = trace_beam((float(y), float(z)), _PHOTONS, Mask(), perfect_pixels(), rng)
    counts = count_image(*hits)[working_pixels()]
    per_pixel = _PHOTONS * ACTIVE**2 / (WIDTH * HEIGHT)
    expected = per_pixel * illumination(y[None], z[None])[0][working_pixels()]
    lit = expected > 0
    chi2 = np.mean((counts - expected)[lit] ** 2 / expected[lit])
    with table(f"Shadow at ({offset[0]:g}°, {offset[1]:g}°), {len(hits[0]):,} photons") as row:
        row.below("χ² per lit pixel", chi2, limit)
        row.near_zero("photons beyond the model, %", 100 * (counts.sum() / expected.sum() - 1), 0.5)
        row.below(
            "photons on pixels that the model leaves dark, %",
            100 * counts[~lit].sum() / counts.sum(),
            0.01,
        )
