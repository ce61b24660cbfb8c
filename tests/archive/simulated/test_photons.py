"""Photons go through the mask as an independent tracer and the engine say they do."""

from __future__ import annotations

import numpy as np
import pytest

from oda_widgets.archive.simulated.beam import registered
from oda_widgets.archive.simulated.detector import Detector
from oda_widgets.archive.simulated.mask_transit import passes
from oda_widgets.engine.illumination import illumination
from oda_widgets.instruments.isgri import detector as isgri
from tests.photons.mask import Mask

PHOTONS = 3_000_000


def perfect_detector() -> Detector:
    exists = isgri.existing_pixels().ravel().astype(np.float32)
    return Detector(exists, np.zeros_like(exists), np.zeros_like(exists))


def tangents(*degrees: float) -> tuple[float, float]:
    y, z = np.tan(np.radians(degrees))
    return float(y), float(z)


@pytest.mark.parametrize("place", [(0, 0), (3, -2), (-4, 4), (8, 8), (-12, 10), (0, -14), (14, 14)])
def test_each_photon_fares_as_in_the_independent_tracer(place: tuple[float, float]) -> None:
    random = np.random.default_rng(1)
    y, z = random.uniform(-299, 299, 400_000), random.uniform(-308, 308, 400_000)
    there = Mask().is_open(y, z, tangents(*place))
    here = np.zeros(len(y), bool)
    here[passes(y.astype(np.float32), z.astype(np.float32), tangents(*place))] = True
    # Single precision moves the edges of elements by 1e-5 of their side.
    assert np.mean(here != there) < 1e-4


@pytest.mark.parametrize("place", [(0, 0), (2, -1), (4, 4), (-8, 8)])
def test_traced_photons_fill_the_illumination_of_the_engine(place: tuple[float, float]) -> None:
    y, z = tangents(*place)
    pixel = registered((y, z), PHOTONS, perfect_detector(), np.random.default_rng(2))
    counts = np.bincount(pixel, minlength=134 * 130)
    expected = illumination(np.array([y]), np.array([z]))[0].ravel() * PHOTONS / 128**2
    lit = expected > 10
    assert counts.sum() == pytest.approx(expected.sum(), rel=0.003)
    assert np.mean((counts - expected)[lit] ** 2 / expected[lit]) == pytest.approx(1, abs=0.06)
    assert counts[expected == 0].sum() < 1e-5 * PHOTONS


def test_pixels_register_by_their_efficiency() -> None:
    exists = isgri.existing_pixels().ravel()
    efficiency = np.where(np.arange(exists.size) % 2, 1.0, 0.5) * exists
    detector = Detector(efficiency.astype(np.float32), 0 * efficiency, 0 * efficiency)
    pixel = registered(tangents(1, 1), PHOTONS, detector, np.random.default_rng(3))
    counts = np.bincount(pixel, minlength=exists.size)
    assert counts[0::2].sum() / counts[1::2].sum() == pytest.approx(0.5, abs=0.005)
