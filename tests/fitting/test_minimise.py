"""The minimiser by itself."""

from __future__ import annotations

import numpy as np
import pytest

from oda_widgets.fitting.minimise import Bounds, Objective, minimise
from oda_widgets.fitting.statistics import ChiSquare


@pytest.mark.parametrize("unit", [1e8, 1e14])
def test_the_unit_of_a_parameter_does_not_matter(unit: float) -> None:
    """The norm of compPS is some 1e8: it was taken for a parameter without any effect."""
    x = np.linspace(0.1, 3.0, 30)
    data = 2.0 * np.exp(-1.3 * x) + 0.01 * np.sin(40 * x)

    chi_square = ChiSquare(data, np.full(30, 0.01))

    def objective(unit: float) -> Objective:
        return Objective(
            lambda values: values[1] / unit * np.exp(-values[0] * x),
            lambda model: float(chi_square.values(model).sum()),
            chi_square.derivatives,
        )

    bounds = Bounds(np.zeros(2), np.array([10.0, 1e24]), np.array([0.01, 0.01]))
    found = minimise(objective(unit), np.array([0.5, 5.0 * unit]), bounds)
    plain = minimise(objective(1.0), np.array([0.5, 5.0]), bounds)
    assert found.statistic == pytest.approx(plain.statistic, abs=1e-3)
    assert found.values[1] / unit == pytest.approx(plain.values[1], rel=1e-3)
