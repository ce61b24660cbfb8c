"""Fits of sums of like components find the minimum that the truth leads to."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product

from oda_widgets.fitting.guess import guess
from oda_widgets.fitting.prepare import prepare
from oda_widgets.fitting.problem import Problem
from oda_widgets.products.spectrum import Spectrum
from tests.fitting.instruments import isgri, simulated

SAME = 0.05  # of the statistic
RANGE = (20, 200)  # keV
TWO_BLACK_BODIES = "bbodyrad + bbodyrad"
TEMPERATURES = ((3, 8), (4, 12), (5, 10), (6, 15), (7, 14), (8, 25), (5, 30), (10, 20), (12, 30),
                (2, 10))  # fmt: skip
# Of the first, norm * kT^4 / 1e4, and of the second over the first.
BRIGHTNESS = ((1.0, 1.0), (0.3, 0.3), (3.0, 3.0))


def black_bodies(
    temperatures: tuple[float, float], brightness: tuple[float, float]
) -> dict[str, float]:
    (first, second), (bright, ratio) = temperatures, brightness
    return {
        "bbodyrad.kT": first,
        "bbodyrad.norm": 1e4 * bright / first**4,
        "bbodyrad#2.kT": second,
        "bbodyrad#2.norm": 1e4 * bright * ratio / second**4,
    }


def excess(spectrum: Spectrum, model: str, truth: Mapping[str, float]) -> float:
    """Return by how much a fit without start values ends above the one begun at the truth."""
    from_truth = spectrum.fit(model, energy=RANGE, start=truth)
    return float(spectrum.fit(model, energy=RANGE).statistic - from_truth.statistic)


def test_two_black_bodies_are_found_without_start_values() -> None:
    empty = isgri(1000.0, 8)
    missed = {}
    for seed, known in enumerate(product(TEMPERATURES, BRIGHTNESS)):
        truth = black_bodies(*known)
        drawn = simulated(empty, TWO_BLACK_BODIES, truth, seed)
        missed[known] = excess(drawn, TWO_BLACK_BODIES, truth)
    assert {known: above for known, above in missed.items() if above > SAME} == {}


def test_a_disk_and_a_black_body_are_found_without_start_values() -> None:
    truth = {"Tin": 5.0, "diskbb.norm": 9.6, "bbodyrad.kT": 15.0, "bbodyrad.norm": 0.593}
    drawn = simulated(isgri(3000.0, 8), "diskbb + bbodyrad", truth, 8)
    assert excess(drawn, "diskbb + bbodyrad", truth) <= SAME


def test_like_components_do_not_start_alike() -> None:
    """Two that are equal have one norm too many, and swapped pairs lead to one minimum."""
    truth = {"LineE": 60.0, "powerlaw.norm": 1.0}
    drawn = simulated(isgri(1000.0, 8), "powerlaw + gaussian", truth, 1)
    for model, name in (
        ("gaussian + gaussian", "LineE"),
        ("powerlaw + powerlaw", "PhoIndex"),
        (TWO_BLACK_BODIES, "kT"),
    ):
        problem = Problem(prepare(drawn, model, RANGE), interpolated=0)
        free = problem.recipe.parameters.free
        first, second = (i for i, item in enumerate(free) if item.endswith(name))
        defaults = problem.links.start
        starts = [s for s in guess(problem, ()) if s[first] != defaults[first]]
        assert starts
        assert all(start[first] < start[second] for start in starts)
