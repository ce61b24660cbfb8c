"""Whether the background of an image needs the shapes of single modules."""

from __future__ import annotations

import numpy as np
import pytest

from oda_widgets.archive.sample import SampleArchive
from oda_widgets.engine.background import smooth_background
from oda_widgets.engine.background_shapes import module_shapes, shapes_with_modules, smooth_shapes
from oda_widgets.engine.fit import fit
from oda_widgets.engine.imaging import image_window
from oda_widgets.engine.scene import Scene
from oda_widgets.engine.shadowgram import Shadowgram
from oda_widgets.engine.shape_choice import is_worth, module_blocks, with_more_columns
from oda_widgets.engine.sky_grid import SkyGrid
from oda_widgets.instruments.isgri import detector as isgri
from oda_widgets.request.energy import EnergyBand
from tests.photons.background import isgri_background

EXISTS = isgri.existing_pixels()
NO_SOURCES = np.zeros((0, 2))


def _scene(shape: np.ndarray, level: float, seed: int) -> Scene:
    counts = np.random.default_rng(seed).poisson(level * shape * EXISTS).astype(float)
    return Scene(Shadowgram(counts, 1.0), smooth_background(EXISTS), NO_SOURCES)


def test_shapes_of_modules_replace_those_of_the_detector() -> None:
    """Together they span the space of the smooth shapes and of those of modules."""
    apart = np.concatenate([smooth_shapes(), module_shapes()])[:, EXISTS]
    together = shapes_with_modules()[:, EXISTS]
    assert np.linalg.matrix_rank(apart @ apart.T) == len(together)
    assert np.linalg.matrix_rank(together @ together.T) == len(together)


def test_the_fall_is_that_of_a_second_fit() -> None:
    scene = _scene(1 + 0.05 * module_shapes()[5], 20.0, 1)
    more = module_shapes()[:, EXISTS]
    counts = scene.shadowgram.counts[EXISTS]
    done = scene.fit
    better = with_more_columns(counts, scene.columns, done, module_blocks(EXISTS))
    # A shape that repeats others does so to rounding of double precision.
    fitted = scene.background.columns_of_used * scene.shadowgram.seconds
    both = np.concatenate([fitted, more])
    root = np.sqrt(done.weights)
    again = np.linalg.lstsq((both * root).T, root * counts, rcond=None)[0] @ both
    falls = np.sum(done.weights * ((counts - done.model) ** 2 - (counts - again) ** 2))
    assert better.fall == pytest.approx(falls, rel=1e-6)
    np.testing.assert_allclose(better.model, again, rtol=1e-6)


@pytest.mark.parametrize("level", [4.0, 20.0])
@pytest.mark.parametrize("bend", [0.0, 0.03])
def test_a_fit_of_another_band_tells_the_most_that_chi_square_falls(
    level: float, bend: float
) -> None:
    shape = 1 + bend * module_shapes()[2]
    light = np.random.default_rng(3).uniform(1.0, 1.3, shape.shape)
    known, scene = _scene(shape, 20.0, 12), _scene(shape * light, level, 13)
    done, other = (
        with_more_columns(one.counted, one.columns, one.fit, one.blocks) for one in (known, scene)
    )
    assert other.fall < done.most(scene.counted, scene.fit) < 2.0 * other.fall


@pytest.mark.parametrize("module", range(8))
def test_a_module_without_pixels_changes_nothing_for_the_others(module: int) -> None:
    used = EXISTS & (isgri.module_numbers() != module)
    counts = np.random.default_rng(module).poisson(20.0 * EXISTS).astype(float)
    scene = Scene(Shadowgram(counts, 1.0), smooth_background(used), NO_SOURCES)
    blocks = module_blocks(used)
    there = [block for block in blocks if len(block.pixels)]
    assert len(there) == 7
    counted = counts[used]
    whole, part = (
        with_more_columns(counted, scene.columns, scene.fit, some) for some in (blocks, there)
    )
    assert whole.fall == pytest.approx(part.fall, rel=1e-6)
    np.testing.assert_allclose(whole.model, part.model, rtol=1e-5)


@pytest.mark.parametrize("level", [0.5, 8.0, 80.0])
@pytest.mark.parametrize("scatter", [0.0, 0.25])
def test_smooth_detectors_do_without(level: float, scatter: float) -> None:
    """The photon tracer's background, which has no more structure, on pixels good and bad."""
    rng = np.random.default_rng(7)
    shape = isgri_background(rng).shape(60.0) * rng.normal(1, scatter, EXISTS.shape).clip(0.1)
    for seed in range(4):
        scene = _scene(shape, level, seed).with_measured_background()
        assert scene.n_background == len(smooth_shapes())


def test_a_bent_module_is_seen() -> None:
    """3 % from its middle to its ends, at 80 counts per pixel."""
    scene = _scene(1 + 0.03 * module_shapes()[2], 80.0, 8).with_measured_background()
    assert scene.n_background == len(shapes_with_modules())


def test_an_improvement_by_chance_is_none() -> None:
    assert not is_worth(42.0 + 3 * np.sqrt(84.0), 42)
    assert is_worth(90.0, 42)


def test_it_halves_the_noise_of_the_real_window() -> None:
    """The errors of its map were 1.4 to 3.2 times, on average 1.9 times counting statistics."""
    events = SampleArchive().events("255900280010.001")
    band = EnergyBand(28, 150)
    image = image_window(events, band, events.good_time, (), SkyGrid(2), 6.0)
    noise = image.maps.noise[np.isfinite(image.maps.flux)]
    assert noise.mean() < 1.25
    assert noise.max() < 1.6


def test_fits_may_begin_anywhere() -> None:
    scene = _scene(np.ones(EXISTS.shape), 20.0, 9)
    counts = scene.shadowgram.counts[EXISTS]
    start = np.full(counts.shape, 35.0)
    near = fit(counts, scene.columns, scene.n_background, start=start)
    np.testing.assert_allclose(near.model, scene.fit.model, rtol=1e-3)


def test_a_band_below_the_thresholds_of_most_pixels_stays_in_bounds() -> None:
    """Few pixels count at all; fits that begin where others ended must not drift away."""
    rng = np.random.default_rng(10)
    shape = np.where(rng.random(EXISTS.shape) < 0.02, 1.0, 0.01)
    scene = _scene(shape, 2.0, 11)
    for _ in range(4):
        scene = scene.with_tangents(np.array([[0.01, -0.02]])).with_measured_background()
    assert scene.fit.model.sum() == pytest.approx(scene.shadowgram.counts.sum(), rel=0.1)
    assert np.isfinite(scene.flux_errors).all()
