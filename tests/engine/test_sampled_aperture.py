"""The sampled aperture: shadows against rays, correlations against shadows."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial import cKDTree

from oda_widgets.engine.mask_table import FINER, _open_fractions
from oda_widgets.engine.position_blur import PositionBlur
from oda_widgets.engine.sampled_aperture import SampledAperture
from oda_widgets.instruments.jemx.mask import CELL, MASK_DISTANCE, MASK_RADIUS, HexagonalMask

MASK = HexagonalMask()
BLUR = 0.44
APERTURE = SampledAperture(
    mask=MASK,
    cell=CELL,
    mask_radius=MASK_RADIUS,
    distance=MASK_DISTANCE,
    pixel=1.0,
    pixels=210,
    radius=105.0,
    no_response=float(np.tan(np.radians(6.6))),
    blur=PositionBlur((BLUR,)),
)


def shadow(y: float, z: float) -> np.ndarray:
    return APERTURE.illumination(np.array([y]), np.array([z]))[0]


@pytest.mark.parametrize("direction", [(0.0213, -0.0137), (0.0581, 0.0402), (-0.09, 0.004)])
def test_shadow_is_that_of_rays(direction: tuple[float, float]) -> None:
    random = np.random.default_rng(1)
    y, z = random.uniform(-108, 108, (2, 4_000_000))
    passed = MASK.transmission(y + direction[0] * MASK_DISTANCE, z + direction[1] * MASK_DISTANCE)
    hits = np.stack([z[passed], y[passed]])
    hits += BLUR * random.standard_normal(hits.shape)
    counts = np.histogram2d(*hits, bins=210, range=((-105, 105), (-105, 105)))[0]
    passes = float(APERTURE.vignetting(*map(np.asarray, direction)))
    expected = shadow(*direction) / passes
    per_pixel = 4_000_000 / 216**2
    flux = np.sum(counts * (expected - expected.mean())) / per_pixel
    unit = np.sum(expected * (expected - expected.mean()))
    error = np.sqrt(np.sum(expected * (expected - expected.mean()) ** 2) / per_pixel) / unit
    assert flux / unit == pytest.approx(1.0, abs=0.002 + 3 * error)


@pytest.mark.parametrize("part", [0.1, 0.5, 0.9])
def test_no_direction_blurs_more_than_another(part: float) -> None:
    """Read between samples of the table, a shadow is as sharp as on one of them."""
    step = 1 / FINER / MASK_DISTANCE  # half of which lies between two samples
    on_one, between = shadow(0.5 * step, 0.5 * step), shadow((0.5 + part) * step, 0.5 * step)
    assert between.std() == pytest.approx(on_one.std(), rel=1e-3)


def test_each_hole_of_the_mask_lets_pass_as_much_as_its_area() -> None:
    fractions = _open_fractions(APERTURE.sampling)
    samples, step = APERTURE.sampling.samples, APERTURE.sampling.step
    y, z = np.rint(MASK.holes() / step + (samples - 1) / 2).astype(int).T
    reach = round(1.2 * CELL / step)
    alone = _holes_without_neighbours(MASK.holes())
    areas = [
        fractions[b - reach : b + reach + 1, a - reach : a + reach + 1].sum() * step**2
        for a, b in zip(y[alone], z[alone], strict=True)
    ]
    assert len(areas) > 40
    np.testing.assert_allclose(areas, MASK.cell_area, rtol=0.01)


def _holes_without_neighbours(holes: np.ndarray) -> np.ndarray:
    near, _ = cKDTree(holes).query(holes, k=2)
    return near[:, 1] > 2.2 * CELL


def test_correlation_is_the_sum_over_shadows() -> None:
    random = np.random.default_rng(2)
    detector, grid = random.random((210, 210)), APERTURE.search_grid
    whole = APERTURE.correlate(grid, detector)
    squares = APERTURE.correlate_squares(grid, detector)
    for row, column in random.integers(150, grid.size - 150, (10, 2)):
        one = shadow(grid.tangent_y[column], grid.tangent_z[row])
        assert whole[row, column] == pytest.approx(np.sum(one * detector), rel=1e-4)
        assert squares[row, column] == pytest.approx(np.sum(one**2 * detector), rel=1e-4)


def test_parts_of_a_correlation_are_those_of_the_whole() -> None:
    detector = np.random.default_rng(3).random((210, 210))
    grid = APERTURE.search_grid
    whole = APERTURE.correlate(grid, detector)
    window = grid.around(np.array([0.02, -0.01]), 0.003)
    np.testing.assert_array_equal(APERTURE.correlate(grid, detector, window), whole[window])
    lines = np.array([3, 300, 500]), np.array([100, 400])
    some = APERTURE.correlate(grid, detector, lines)
    np.testing.assert_array_equal(some, whole[np.ix_(*lines)])


def test_coding_falls_from_one_to_nothing() -> None:
    tangents = np.array([0.0, 0.03, 0.06, 0.09, 0.11, np.nan])
    coding = APERTURE.coding_fraction(tangents, np.zeros(6))
    assert coding[0] == pytest.approx(1.0)
    assert np.all(np.diff(coding[:5]) < 0)
    assert coding[4] == coding[5] == 0
    lit = [shadow(tangent, 0.0).sum() for tangent in tangents[:4]]
    np.testing.assert_allclose(np.array(lit) / lit[0], coding[:4], atol=0.06)


def test_a_coarser_resolution_takes_contrast_and_no_counts() -> None:
    from dataclasses import replace

    coarse = replace(APERTURE, blur=PositionBlur((1.5,))).illumination(
        np.array([0.01]), np.array([0.0])
    )[0]
    sharp = shadow(0.01, 0.0)
    assert coarse.sum() == pytest.approx(sharp.sum(), rel=2e-3)
    assert coarse.std() < 0.7 * sharp.std()
