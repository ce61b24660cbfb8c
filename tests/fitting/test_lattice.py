"""Interpolated models agree with the library, apart from its own jumps."""

from __future__ import annotations

import numpy as np
import pytest

import oda_widgets as oda
from oda_widgets.arrays import Floats
from oda_widgets.fitting.models import library
from oda_widgets.fitting.models.choices import Choices
from oda_widgets.fitting.models.definitions import ModelDefinition, definitions
from oda_widgets.fitting.models.grid import Grid
from oda_widgets.fitting.models.lattice import FOR_CHAINS, SLOW, Lattice
from oda_widgets.fitting.prepare import prepare
from oda_widgets.fitting.problem import Problem
from tests.fitting.instruments import isgri, jemx, ngc_2110

pytestmark = pytest.mark.skipif(not library.available(), reason="no XSPEC library here")

# Places of the parameters that vary, and from where to where.
VARYING: dict[str, dict[int, tuple[float, float]]] = {
    "diskbb": {0: (0.5, 5.0)},
    "compTT": {1: (0.5, 2.0), 2: (3.0, 50.0), 3: (0.1, 10.0)},
    "compbb": {0: (0.5, 10.0), 2: (0.02, 8.0)},
    "compPS": {0: (25.0, 900.0), 5: (0.06, 2.9)},
}
# Of the counts in a channel. The library itself jumps where it counts one scattering more: on a
# fine scan compPS by 3e-4, compbb by 2e-3, far below the errors of data.
ALLOWED = {"diskbb": 2e-4, "compTT": 1e-3, "compbb": 3e-3, "compPS": 1.5e-3}


@pytest.mark.parametrize("name", SLOW)
def test_counts_are_those_of_the_library(name: str) -> None:
    model, rng = definitions()[name], np.random.default_rng(4)
    places, ends = list(VARYING[name]), np.array(list(VARYING[name].values())).T
    for spectrum, lowest in ((isgri(1e5, 4), 20.0), (jemx(1e4), 3.0)):
        response = spectrum.response
        grid = Grid(np.append(response.energy_low, response.energy_high[-1]))
        matrix = response.area[:, np.newaxis] * response.redistribution
        used = matrix[:, spectrum.channel_low >= lowest]
        lattice, folded = Lattice(model, grid, places), Lattice(model, grid, places, used)
        for _ in range(4):
            values: Floats = np.array([item.value for item in model.parameters[:-1]])
            values[places] = np.exp(rng.uniform(*np.log(ends)))
            computed = library.evaluate(model, grid, values) @ used
            seen = computed > 1e-6 * computed.max()
            ratio = (lattice(values) @ used)[seen] / computed[seen]
            np.testing.assert_allclose(ratio, 1.0, atol=ALLOWED[name])
            # Counts have a kink where those from higher energies take over, a thousandth of all.
            bright = computed > 1e-3 * computed.max()
            ratio = folded(values) / computed
            np.testing.assert_allclose(ratio[bright], 1.0, atol=max(ALLOWED[name], 1e-3))
            np.testing.assert_allclose(ratio[seen], 1.0, atol=1e-2)


def test_a_point_of_the_lattice_is_what_the_library_gives() -> None:
    model, grid = definitions()["compPS"], Grid(np.geomspace(15.0, 300.0, 60))
    values: Floats = np.array([item.value for item in model.parameters[:-1]])
    for low in (True, False):
        values[0] = model.parameters[0].hard_low if low else model.parameters[0].hard_high
        expected = library.evaluate(model, grid, values)
        np.testing.assert_allclose(Lattice(model, grid, [0])(values), expected, rtol=1e-9)


@pytest.mark.parametrize(("model", "times"), [("compTT", 64), ("TBabs*compTT", 200)])
def test_with_three_parameters_only_counts_are_interpolated(
    model: str, times: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whole spectra at so many points would not fit into memory."""
    choices = Choices(start={"T0": 1.0, "kT": 20.0, "taup": 1.0})
    recipe = prepare(ngc_2110(), model, choices=choices)
    asked, evaluate = [], library.evaluate

    def counted(model: ModelDefinition, grid: Grid, *others: Floats) -> Floats:
        asked.append(model.name)
        return evaluate(model, grid, *others)

    monkeypatch.setattr(library, "evaluate", counted)
    problem = Problem(recipe, interpolated=FOR_CHAINS)
    for shift in np.linspace(0.0, 0.001, 200):
        problem.statistic(problem.links.start * (1.0 + shift))
    assert asked.count("compTT") == times


def test_beyond_its_lattice_the_library_is_asked() -> None:
    model, grid = definitions()["diskbb"], Grid(np.geomspace(15.0, 300.0, 60))
    found = Lattice(model, grid, [0])([1200.0])
    np.testing.assert_array_equal(found, library.evaluate(model, grid, [1200.0]))


def test_the_minimum_is_one_of_the_library() -> None:
    """With the Compton parameter in the place of the depth: a negative tau_y."""
    fit = oda.fit(
        ngc_2110(), "compPS", energy=(22, 200), limits={"tau_y": (-3, -0.05)},
        freeze={"kTbb": 0.01}, free=["tau_y"],
    )  # fmt: skip
    exact = Problem(fit.recipe, interpolated=0)
    assert exact.statistic(fit.minimum.values) == pytest.approx(fit.statistic, abs=0.01)
    assert fit.parameters["tau_y"].value < 0


def test_linked_parameters_change_too() -> None:
    choices = Choices(freeze={"bbodyrad.norm": 1.0}, links={"bbodyrad.kT": "2*compbb.kT"})
    problem = Problem(prepare(ngc_2110(), "bbodyrad + compbb", choices=choices))
    assert list(np.flatnonzero(problem.links.varying)) == [0, 2, 4, 5]
