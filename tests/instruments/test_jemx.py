"""JEM-X: the stand-in mask, resolutions and the nominal response, against published numbers."""

from __future__ import annotations

import numpy as np
import pytest

from oda_widgets.instruments.jemx.channels import channel_edges
from oda_widgets.instruments.jemx.detector import Unit, energy_width, position_sigma
from oda_widgets.instruments.jemx.mask import CELL, CELLS, MASK_RADIUS, HexagonalMask
from oda_widgets.instruments.jemx.response import nominal_response

MASK = HexagonalMask()
FWHM = np.sqrt(8 * np.log(2))


def test_a_quarter_of_the_mask_is_open() -> None:
    assert MASK.open_fraction == pytest.approx(0.25, abs=5e-4)
    y = (np.arange(1000) - 499.5) * 0.55
    area = MASK.transmission(y[None, :], y[:, None]).sum() * 0.55**2
    cell = np.sqrt(3) / 2 * CELL**2
    assert area == pytest.approx(0.25 * CELLS * cell, rel=3e-3)


def test_the_mask_is_closed_beyond_its_rim() -> None:
    angle = np.linspace(0, 2 * np.pi, 500)
    assert not MASK.transmission(MASK_RADIUS * np.cos(angle), MASK_RADIUS * np.sin(angle)).any()
    assert not MASK.transmission(np.array([1e4, -1e4]), np.array([0.0, 1e4])).any()


def test_cells_are_hexagons() -> None:
    """A cell is 3.3 mm wide along Y and 2/sqrt(3) times that along Z."""
    centre = next((q * CELL, 0.0) for q in range(60) if MASK.transmission(q * CELL, 0.0).all())
    alone = [(0.49 * CELL, 0.0), (0.0, 0.57 * CELL), (0.24 * CELL, 0.42 * CELL)]
    for y, z in alone:
        assert MASK.transmission(centre[0] + y, centre[1] + z)


def test_the_shadow_of_a_turned_mask_is_another() -> None:
    """Upside down, mirrored or transposed it does not decode: orientation can be tested."""
    y = (np.arange(800) - 399.5) * 0.6
    pattern = MASK.transmission(y[None, :], y[:, None]).astype(float)
    pattern -= pattern.mean()
    for other in (pattern[::-1, ::-1], pattern[::-1], pattern[:, ::-1], pattern.T):
        assert abs(np.sum(pattern * other) / np.sum(pattern**2)) < 0.35


@pytest.mark.parametrize("unit", [1, 2])
def test_the_response_makes_of_the_crab_what_is_published(unit: Unit) -> None:
    """ISDC's areas fold 9.7 E^-2.1 to 94 counts/s (3 to 10 keV) and 122 (3 to 35 keV)."""
    response = nominal_response(unit)
    crab = 9.7 * response.energy_low**-2.1 * (response.energy_high - response.energy_low)
    counts = response.fold(crab)
    assert counts.sum() == pytest.approx(122, rel=0.03)
    assert counts[:8].sum() == pytest.approx(94, rel=0.03)
    assert "nominal" in response.origin


def test_resolutions_are_the_published_ones() -> None:
    energy = np.array([6.0, 10.0, 30.0])
    assert energy_width(energy)[0] / 6 == pytest.approx(0.40 * np.sqrt(1 / 6 + 1 / 60))
    assert FWHM * position_sigma(energy)[1] == pytest.approx(1.0, abs=0.01)
    assert position_sigma(energy)[2] > position_sigma(energy)[1]


def test_channels_adjoin_the_published_range() -> None:
    edges = channel_edges()
    assert (len(edges), edges[0], edges[-1]) == (17, 3.04, 34.88)
    assert np.all(np.diff(edges) > 0)
