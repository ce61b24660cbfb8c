"""Statistics against their definitions: likelihoods of scipy, minimised by brute force."""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.stats import norm, poisson

from oda_widgets.fitting.statistics import PoissonGaussian, cash

RNG = np.random.default_rng(7)


def test_cash_is_the_likelihood_ratio_of_poisson() -> None:
    observed = np.array([0.0, 1.0, 5.0, 40.0])
    expected = np.array([0.3, 2.0, 3.0, 55.0])
    ratio = poisson.logpmf(observed, np.maximum(observed, 1e-300)) - poisson.logpmf(
        observed, expected
    )
    np.testing.assert_allclose(cash(observed, expected), 2 * ratio, atol=1e-9)


def test_pgstat_is_the_likelihood_ratio_at_the_best_background() -> None:
    for _ in range(40):
        source, behind, error = RNG.uniform(0.1, 30), RNG.uniform(1, 50), RNG.uniform(0.5, 6)
        observed = float(RNG.poisson(source + behind)) if RNG.random() > 0.2 else 0.0

        def minus_log(b: float, s: float = source, d: float = observed, m: float = behind,
                      e: float = error) -> float:  # fmt: skip
            best = poisson.logpmf(d, max(d, 1e-300)) + norm.logpdf(m, m, e)
            return float(-2 * (poisson.logpmf(d, s + b) + norm.logpdf(m, b, e) - best))

        found = minimize_scalar(
            minus_log, bounds=(-source + 1e-9 if observed else 0.0, 200), method="bounded",
            options={"xatol": 1e-9},
        )  # fmt: skip
        one = [np.array([v]) for v in (observed, 1.0, behind, error)]
        value = PoissonGaussian(*one).values(np.array([source]))
        np.testing.assert_allclose(value, found.fun, rtol=1e-5, atol=1e-5)
