"""Models against formulas written down anew, integrated by scipy, and against XSPEC's library."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy.integrate import quad

from oda_widgets.fitting.models import library
from oda_widgets.fitting.models.band_flux import energy_flux, photon_flux
from oda_widgets.fitting.models.definitions import GROUPS, definitions
from oda_widgets.fitting.models.expression import parse
from oda_widgets.fitting.models.grid import Grid
from oda_widgets.fitting.models.model import evaluator, extended
from oda_widgets.fitting.models.numpy_models import NUMPY_FLUX_MODELS, NUMPY_MODELS
from tests.fitting.instruments import ngc_2110

GRID = Grid(np.geomspace(3.0, 900.0, 600))
FINE = Grid(13.0 + 0.4787 * np.arange(2467))
NEEDS_LIBRARY = pytest.mark.skipif(not library.available(), reason="no XSPEC library here")
KEV = 1.602176634e-9

Density = Callable[..., float]


def power(e: float, index: float) -> float:
    return e**-index


def once_broken(e: float, first: float, at: float, second: float) -> float:
    return e**-first if e <= at else at ** (second - first) * e**-second


def twice_broken(e: float, a: float, x: float, b: float, y: float, c: float) -> float:
    return once_broken(e, a, x, b) if e <= y else once_broken(y, a, x, b) * (e / y) ** -c


def cut(e: float, index: float, fold: float) -> float:
    return e**-index * np.exp(-e / fold)


def band(e: float, alpha: float, beta: float, tem: float) -> float:
    joint = (alpha - beta) * tem
    if e < joint:
        return (e / 100) ** alpha * np.exp(-e / tem)
    return (joint / 100) ** (alpha - beta) * np.exp(beta - alpha) * (e / 100) ** beta


def planck_of_radius(e: float, kt: float) -> float:
    return 1.0344e-3 * e**2 / np.expm1(min(e / kt, 700))


def planck(e: float, kt: float) -> float:
    return 8.0525 * e**2 / (kt**4 * np.expm1(min(e / kt, 700)))


def disc(e: float, inner: float) -> float:
    """Blackbodies of T ~ r**-3/4 (Mitsuda et al. 1984).

    flux = 8 pi/3 (r_in/D)**2 cos(i) integral (T/T_in)**(-11/3) B(T) dT/T_in: 8/3 of a blackbody of
    that radius. The constants of nature make 1.0380e-3 of what bbodyrad has as 1.0344e-3.
    """
    integral = quad(lambda t: (t / inner) ** (-11 / 3) * planck_of_radius(e, t) / inner,
                    inner * 1e-2, inner, limit=300)[0]  # fmt: skip
    return 8 / 3 * integral * 1.0380 / 1.0344


def normal(e: float, centre: float, sigma: float) -> float:
    return np.exp(-0.5 * ((e - centre) / sigma) ** 2) / (sigma * np.sqrt(2 * np.pi))


CASES: list[tuple[str, Density, list[float], list[float], float]] = [
    ("powerlaw", power, [2.1], [], 1e-9),
    ("powerlaw", power, [1.0], [], 1e-9),
    ("bknpower", once_broken, [2.0, 50.0, 2.5], [50.0], 1e-9),
    ("bkn2pow", twice_broken, [2.07, 20.0, 2.2, 100.0, 2.4], [20.0, 100.0], 1e-9),
    ("cutoffpl", cut, [1.6, 300.0], [], 1e-6),
    ("cutoffpl", cut, [1.6, 20.0], [], 1e-4),
    ("grbm", band, [-1.0, -2.3, 300.0], [390.0], 1e-4),
    ("bbodyrad", planck_of_radius, [10.0], [], 1e-4),
    ("bbody", planck, [10.0], [], 1e-4),
    ("diskbb", disc, [5.0], [], 1.5e-3),
    ("gaussian", normal, [60.0, 30.0], [], 3e-2),  # it is normal above zero energy only
]


@pytest.mark.parametrize(("name", "density", "values", "breaks", "tolerance"), CASES)
def test_a_spectrum_is_the_integral_of_its_formula(
    name: str, density: Density, values: list[float], breaks: list[float], tolerance: float
) -> None:
    if name not in NUMPY_MODELS and not library.available():
        pytest.skip("no XSPEC library here")
    computed = evaluator(parse(name), GRID)([*values, 1.0])
    bins = zip(GRID.edges[:-1], GRID.edges[1:], strict=True)
    expected = np.array([
        quad(density, a, b, args=tuple(values), points=[p for p in breaks if a < p < b] or None,
             epsabs=0, epsrel=1e-10)[0]
        for a, b in bins
    ])  # fmt: skip
    seen = expected > expected.max() * 1e-12
    np.testing.assert_allclose(computed[seen], expected[seen], rtol=tolerance)


def test_a_pegged_power_law_has_its_norm_as_flux() -> None:
    grid = Grid(np.geomspace(20.0, 100.0, 4001))
    photons = evaluator(parse("pegpwrlw"), grid)([1.8, 20.0, 100.0, 190.0])
    assert photons @ grid.middle * KEV == pytest.approx(190e-12, rel=1e-6)


@pytest.mark.parametrize(("name", "value"), [("cflux", -9.5), ("cpflux", 0.02)])
def test_a_flux_model_sets_the_flux_in_its_range_also_within_bins(name: str, value: float) -> None:
    grid = Grid(np.linspace(15.0, 200.0, 1850))
    photons = evaluator(parse(f"{name}(powerlaw)"), grid)([20.03, 99.98, value, 2.0, 7.0])
    constant = photons[0] / (1 / 15.0 - 1 / grid.edges[1])
    if name == "cflux":
        assert constant * np.log(99.98 / 20.03) * KEV == pytest.approx(10**value, rel=1e-5)
    else:
        assert constant * (1 / 20.03 - 1 / 99.98) == pytest.approx(value, rel=1e-5)


def test_factors_follow_their_formulas() -> None:
    grid = Grid(np.linspace(10.0, 100.0, 9001))
    cutoff = evaluator(parse("highecut*powerlaw"), grid)([30.0, 50.0, 0.0, 1.0]) / grid.width
    expected = np.where(grid.middle > 30, np.exp((30 - grid.middle) / 50), 1.0)
    np.testing.assert_allclose(cutoff, expected, atol=1e-4)
    low = evaluator(parse("expabs*constant*powerlaw"), grid)([20.0, 2.0, 0.0, 1.0]) / grid.width
    np.testing.assert_allclose(low, 2 * np.exp(-20 / grid.middle), rtol=1e-5)


def test_breaks_out_of_order_leave_the_spectrum_continuous() -> None:
    photons = evaluator(parse("bkn2pow"), FINE)([2.0, 100.0, 2.2, 50.0, 2.4, 1.0]) / FINE.width
    np.testing.assert_allclose(photons[1:], photons[:-1], rtol=0.1)
    once = evaluator(parse("bknpower"), FINE)([2.0, 100.0, 2.4, 1.0]) / FINE.width
    np.testing.assert_allclose(photons, once, rtol=1e-9)


def test_expressions_are_added_and_multiplied() -> None:
    one = evaluator(parse("powerlaw"), GRID)([2.0, 3.0])
    two = evaluator(parse("bbodyrad"), GRID)([3.0, 5.0])
    both = evaluator(parse("constant*(powerlaw + bbodyrad)"), GRID)([0.5, 2.0, 3.0, 3.0, 5.0])
    np.testing.assert_allclose(both, 0.5 * (one + two), rtol=1e-12)


@NEEDS_LIBRARY
@pytest.mark.parametrize(
    ("name", "values", "tolerance"),
    [
        ("powerlaw", [2.1], 1e-11), ("powerlaw", [1.0], 1e-11), ("powerlaw", [-1.0], 1e-11),
        ("bknpower", [2, 50, 2.5], 1e-11), ("bkn2pow", [2, 20, 2.2, 100, 2.4], 1e-11),
        ("cutoffpl", [1.6, 30], 1e-10), ("cutoffpl", [2, 5], 1e-10),
        ("pegpwrlw", [2, 20, 100], 6e-4), ("grbm", [-1, -2.3, 300], 6e-4),
        ("bbody", [30], 3e-4), ("bbodyrad", [30], 3e-4), ("bbodyrad", [3], 3e-3),
        ("gaussian", [60, 30], 3e-3), ("constant", [1.3], 1e-6), ("highecut", [30, 50], 3e-3),
        ("expabs", [20], 1e-6), ("wabs", [3], 2e-3),
    ],
)  # fmt: skip
def test_a_numpy_model_agrees_with_xspec(name: str, values: list[float], tolerance: float) -> None:
    """Older models of XSPEC have 4-byte numbers, and 0.2 % where they approximate."""
    theirs = library.evaluate(definitions()[name], FINE, values)
    seen = theirs > theirs.max() * 1e-5
    ours = np.broadcast_to(NUMPY_MODELS[name](FINE, values), theirs.shape)
    np.testing.assert_allclose(ours[seen], theirs[seen], rtol=tolerance)


@NEEDS_LIBRARY
@pytest.mark.parametrize("name", ["cflux", "cpflux"])
def test_numpy_flux_models_agree_with_xspec(name: str) -> None:
    """XSPEC takes photons at the middle of their bin: in bins of a response it is off by 1e-4."""
    grid = Grid(np.geomspace(15.0, 120.0, 20_001))
    photons = NUMPY_MODELS["powerlaw"](grid, [2.0])
    values = [20.3, 99.7, -9.0 if name == "cflux" else 1.0]
    theirs = library.evaluate(definitions()[name], grid, values, photons)
    np.testing.assert_allclose(NUMPY_FLUX_MODELS[name](grid, values, photons), theirs, rtol=2e-5)


@pytest.mark.parametrize("band", [(20, 100), (20, 40), (3, 10), (17.3, 61.7)])
@pytest.mark.parametrize("index", [0.5, 1.0, 2.0, 2.1, 5.0, 10.0])
def test_fluxes_of_power_laws_are_exact_in_the_bins_of_a_response(
    index: float, band: tuple[float, float]
) -> None:
    response = ngc_2110().response
    edges, _ = extended(np.append(response.energy_low, response.energy_high[-1]), [band])
    grid = Grid(edges)
    photons = NUMPY_MODELS["powerlaw"](grid, [index])

    def integral(power: float) -> float:
        low, high = band
        return np.log(high / low) if power == 0 else (high**power - low**power) / power

    assert photon_flux(grid, photons, *band) == pytest.approx(integral(1 - index), rel=1e-6)
    expected = KEV * integral(2 - index)
    assert energy_flux(grid, photons, *band) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize(
    ("model", "values"),
    [
        ("bbody", [2.0, 1.0]), ("cutoffpl", [1.5, 10.0, 1.0]), ("grbm", [-1.0, -2.3, 30.0, 1.0]),
        ("powerlaw + gaussian", [2.0, 1.0, 30.0, 0.05, 0.1]),
    ],
)  # fmt: skip
def test_fluxes_of_curved_spectra_and_lines_are_right_too(model: str, values: list[float]) -> None:
    response = ngc_2110().response
    grid = Grid(np.append(response.energy_low, response.energy_high[-1]))
    fine = Grid(np.geomspace(20, 100, 40_001))
    coarse, exact = (evaluator(parse(model), one)(np.array(values)) for one in (grid, fine))
    found = energy_flux(grid, coarse, 20, 100)
    assert found == pytest.approx(KEV * (exact @ fine.middle), rel=2e-5)


@NEEDS_LIBRARY
def test_the_comptonised_tail_of_comptt_has_the_slope_of_kompaneets() -> None:
    """Far above the seed photons, N(E) ~ E**-(alpha+1), alpha = -3/2 + sqrt(9/4 + gamma).

    gamma = beta mc2 / kT, with beta of a disc after Titarchuk (1994, ApJ 434, 570), equation 27.
    """
    grid = Grid(np.geomspace(1.0, 2.0, 20))
    photons = evaluator(parse("compTT"), grid)([0.0, 0.01, 50.0, 1.0, 0.5, 1.0])
    slope = np.polyfit(np.log(grid.middle), np.log(photons / grid.width), 1)[0]
    tau = 1.0
    beta = np.pi**2 / (12 * (tau + 2 / 3) ** 2) * (1 - np.exp(-1.35 * tau))
    beta += 0.45 * np.exp(-3.7 * tau) * np.log(10 / (3 * tau))
    assert -slope - 1 == pytest.approx(-1.5 + np.sqrt(2.25 + beta * 511 / 50.0), rel=0.02)


@NEEDS_LIBRARY
def test_bremsstrahlung_falls_with_its_temperature() -> None:
    grid = Grid(np.geomspace(30.0, 60.0, 50))
    photons = evaluator(parse("bremss"), grid)([10.0, 1.0])
    slope = np.polyfit(grid.middle, np.log(photons / grid.width * grid.middle), 1)[0]
    assert slope == pytest.approx(-1 / 10.0, rel=0.12)  # the Gaunt factor changes slowly


@NEEDS_LIBRARY
def test_absorption_takes_away_low_energies_in_proportion_to_the_column() -> None:
    grid = Grid(np.geomspace(3.0, 6.0, 10))
    for name in ("phabs", "TBabs"):
        thin, thick = (library.evaluate(definitions()[name], grid, [nh]) for nh in (1.0, 5.0))
        np.testing.assert_allclose(np.log(thick), 5 * np.log(thin), rtol=2e-3)
        assert (np.diff(thin) > 0).all()


def test_every_model_is_in_one_group_of_the_menu_and_says_what_it_was_checked_against() -> None:
    listed = [name for members in GROUPS.values() for name in members]
    assert sorted(listed) == sorted(definitions())
    assert all(definition.checked for definition in definitions().values())
