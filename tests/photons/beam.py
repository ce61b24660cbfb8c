"""A parallel beam of photons, traced one by one from the detector to the mask.

A straight path may be followed from either end: positions are drawn on the detector
plane, and the ray is taken back up through the mask.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .detector import HEIGHT, WIDTH, active_fraction, pixel_of

if TYPE_CHECKING:
    from .arrays import Bytes
    from .detector import PixelState
    from .mask import Mask

CHUNK = 1 << 17


def photons_on_plane(counts: float, mask: Mask) -> float:
    """Photons on the bounding plane that stand for `counts` detected on axis.

    The field's rate is what a source would give on axis on all 16384 pixels. The beam's
    density is kept off axis too: no cos(theta) or other projection, because the rate
    convention divides those factors out.
    """
    return counts / mask.open_fraction / active_fraction()


def trace_beam(
    slopes: tuple[float, float],
    count: int,
    mask: Mask,
    pixels: PixelState,
    rng: np.random.Generator,
) -> tuple[Bytes, Bytes]:
    """Trace `count` photons, uniform over the bounding plane.

    Parameters
    ----------
    slopes
        Tangents ``(s.Y/s.X, s.Z/s.X)`` of the source direction.
    count
        Photons that reach the plane, for a detector of efficiency `pixels.peak`.
    mask, pixels
        What may stop them.
    rng
        Source of randomness.

    Returns
    -------
    dety, detz
        Pixels of the photons that were registered.
    """
    sizes = [CHUNK] * (count // CHUNK) + [count % CHUNK]
    hits = [_trace_chunk(slopes, size, mask, pixels, rng) for size in sizes]
    dety, detz = (np.concatenate(axis) for axis in zip(*hits, strict=True))
    return dety, detz


def _trace_chunk(
    slopes: tuple[float, float],
    size: int,
    mask: Mask,
    pixels: PixelState,
    rng: np.random.Generator,
) -> tuple[Bytes, Bytes]:
    y = (rng.random(size) - 0.5) * WIDTH
    z = (rng.random(size) - 0.5) * HEIGHT
    dety, detz, active = pixel_of(y, z)
    hit = np.flatnonzero(active)
    hit = hit[mask.is_open(y[hit], z[hit], slopes)]
    hit = hit[pixels.registers(dety[hit], detz[hit], rng)]
    return dety[hit].astype(np.uint8), detz[hit].astype(np.uint8)
