"""Spectra drawn from a model, for goodness of fit, for tests, and for proposals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from oda_widgets.arrays import Floats
from oda_widgets.fitting.dataset import Dataset
from oda_widgets.fitting.models.choices import Choices
from oda_widgets.fitting.prepare import prepare
from oda_widgets.fitting.problem import Problem
from oda_widgets.products.spectrum import Spectrum


def simulated(
    spectrum: Spectrum,
    model: str,
    parameters: Mapping[str, float],
    seed: int,
    systematic: float = 0.0,
    limits: Mapping[str, tuple[float, float]] | None = None,
) -> Spectrum:
    """Return a spectrum with the response and errors of another, drawn from a model.

    Parameters
    ----------
    spectrum
        Gives response, errors, exposure and the channels without data.
    model
        Expression.
    parameters
        Values by name; others are at XSPEC's defaults.
    seed
        Makes the draw repeatable.
    systematic
        Fraction of the rate by which the draw is wider than the errors of the spectrum.
    limits
        Of parameters whose values are beyond XSPEC's.

    Returns
    -------
    Spectrum
        Labelled as simulated; Gaussian errors as they were.
    """
    recipe = prepare(spectrum, model, choices=Choices(start=parameters, limits=limits))
    problem = Problem(recipe, interpolated=0)
    folded = problem.folded(problem.links.start)[0]
    data = recipe.datasets[0]
    data = replace(data, error=np.hypot(data.error, systematic * folded))
    drawn = drawn_from(data, folded, np.random.default_rng(seed))
    rate = spectrum.rate.copy()
    rate[data.used] = drawn.rate
    observation = replace(spectrum.observation, simulated=True)
    return replace(spectrum, rate=rate, observation=observation, provenance=None)


def drawn_from(
    data: Dataset, folded: Floats, rng: np.random.Generator, statistic: str = "chi2"
) -> Dataset:
    """Return data drawn around a folded model (counts/s): Gaussian errors, or counts."""
    if statistic == "chi2":
        return replace(data, rate=folded + data.error * rng.standard_normal(len(folded)))
    background = data.spectrum.background
    if background is None:
        return replace(data, rate=rng.poisson(folded * data.exposure) / data.exposure)
    behind, error = background.rate[data.used], background.error[data.used]
    total = np.maximum(folded + behind, 0.0)
    measured = replace(background, rate=background.rate.copy())
    measured.rate[data.used] = behind + error * rng.standard_normal(len(behind))
    rate = rng.poisson(total * data.exposure) / data.exposure
    return replace(data, rate=rate, spectrum=replace(data.spectrum, background=measured))
