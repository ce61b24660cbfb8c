"""The energy response that is shipped."""

from __future__ import annotations

import numpy as np
import pytest

from oda_widgets.instruments.isgri.channels import channel_edges
from oda_widgets.instruments.isgri.response import isgri_response


@pytest.mark.parametrize(
    ("energy", "area"), [(20, 724), (30, 863), (40, 1046), (60, 1271), (100, 876), (200, 242)]
)
def test_effective_area_is_that_of_2022(energy: float, area: float) -> None:
    response = isgri_response()
    middle = (response.energy_low + response.energy_high) / 2
    row = int(np.argmin(np.abs(middle - energy)))
    assert response.area[row] * response.redistribution[row].sum() == pytest.approx(area, rel=0.03)


def test_channels_adjoin() -> None:
    response = isgri_response()
    assert len(response.channel_low) == 256
    np.testing.assert_allclose(response.channel_low[1:], response.channel_high[:-1])
    assert response.channel_low[0] == pytest.approx(12.5)


def test_the_channels_are_those_of_the_response() -> None:
    response = isgri_response()
    edges = channel_edges()
    assert edges[:-1].tolist() == response.channel_low.tolist()
    assert edges[1:].tolist() == response.channel_high.tolist()
