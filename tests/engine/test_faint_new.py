"""Whose light it is where shadows of a known and of a faint new source overlap."""

from __future__ import annotations

import numpy as np
import pytest

from oda_widgets.engine.faint_new import explained_by_new
from tests.engine.conftest import scene_of

PLACES = [(0.02, 0.01), (0.0208, 0.0104)]  # half a peak apart


@pytest.mark.parametrize(
    ("fluxes", "explained"),
    [((0.0, 9.0), True), ((9.0, 0.0), False), ((6.0, 6.0), False)],
    ids=["of the new one", "of the known one", "of both"],
)
def test_a_known_source_has_to_keep_its_light_beside_a_new_one(
    fluxes: tuple[float, float], *, explained: bool
) -> None:
    scene = scene_of(PLACES, list(fluxes))
    assert explained_by_new(scene, np.array([False, True])).tolist() == [explained, False]


def test_known_sources_share_their_light_with_each_other() -> None:
    scene = scene_of(PLACES, [1.0, 9.0])
    assert not explained_by_new(scene, np.array([False, False])).any()
