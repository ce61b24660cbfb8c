"""The information on one more source, in every direction."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from oda_widgets.engine.background_shapes import shapes_with_modules
from oda_widgets.engine.information import InformationMap, information
from oda_widgets.engine.scene import Scene
from oda_widgets.engine.sky_grid import SkyGrid
from tests.engine.conftest import MakeScene

GRID = SkyGrid(2)
PLACES = [(0.01, -0.02), (0.06, 0.03), (-0.09, 0.11)]


@pytest.fixture(scope="module")
def scene(make_scene: MakeScene) -> Scene:
    """Give three sources with noise."""
    return make_scene(PLACES, [60.0, 200.0, 90.0], rng=np.random.default_rng(21))


@pytest.fixture(scope="module", params=[False, True], ids=["smooth", "with modules"])
def any_scene(scene: Scene, request: pytest.FixtureRequest) -> Scene:
    """Give it with the background of the detector, and with that of each module."""
    return scene.with_shapes(shapes_with_modules()) if request.param else scene


@pytest.mark.parametrize("place", [(300, 300), (420, 250), (150, 600), (372, 365)])
def test_it_is_one_over_the_variance_of_a_joint_fit(
    any_scene: Scene, place: tuple[int, int]
) -> None:
    """One more source is put into the fit, at the same weights."""
    scene = any_scene
    direction = np.array([GRID.tangent_y[place[1]], GRID.tangent_z[place[0]]])
    columns = np.vstack([scene.columns, scene.shine(direction[None])])
    normal = (columns * scene.fit.weights) @ columns.T
    variance = np.linalg.inv(normal)[-1, -1]
    assert information(scene, GRID)[place] == pytest.approx(1 / variance, rel=2e-3)


def test_the_information_of_a_search_is_right_to_some_per_cent(scene: Scene) -> None:
    """Sources come one by one; next to them and their ghosts it is interpolated."""
    growing = InformationMap(GRID)
    for number in range(len(PLACES) + 1):
        part = scene.with_tangents(scene.tangents[:number])
        grown = growing.of(part)
    exact = information(scene, GRID)
    seen = exact > 0.02 * exact.max()
    difference = np.abs(grown - exact)[seen] / exact.max()
    assert np.quantile(difference, 0.99) < 0.03
    assert difference.max() < 0.1


def test_a_search_follows_sources_that_move(make_scene: MakeScene) -> None:
    """Faint ones, whose places do not change the weights of the pixels."""
    before = make_scene(PLACES, [1.0, 1.0, 1.0], rng=np.random.default_rng(22))
    after = before.with_tangents(before.tangents + np.array([[0.02, 0.01], [0.0, 0.0], [0.0, 0.0]]))
    follower = InformationMap(GRID)
    follower.of(before)
    followed, anew = follower.of(after), InformationMap(GRID).of(after)
    assert np.abs(followed - anew).max() < 0.03 * anew.max()


def test_a_reference_adds_its_information(scene: Scene) -> None:
    size = scene.n_background
    stiff = replace(scene.background, stiffness=np.eye(size) * 1e12)
    held = replace(scene, background=stiff)
    gain = information(held, GRID) - information(scene, GRID)
    # Away from the sources what they take is interpolated, to a part in a thousand.
    assert gain.min() > -2e-3 * gain.max()
    assert gain.max() > 0.1 * information(scene, GRID).max()
