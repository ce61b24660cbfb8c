"""Fits of spectra: ``oda.fit(spectra, expression)`` and ``spectrum.fit(expression)``."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from time import perf_counter
from typing import Any

from oda_widgets.arrays import Floats
from oda_widgets.errors import DataError
from oda_widgets.fitting.guess import guess
from oda_widgets.fitting.minimise import PRECISE, Minimum, minimise
from oda_widgets.fitting.models.choices import Choices, Names
from oda_widgets.fitting.prepare import is_command_file, prepare
from oda_widgets.fitting.problem import Problem, Recipe
from oda_widgets.fitting.result import Fit
from oda_widgets.products.spectrum import Spectrum
from oda_widgets.request.keywords import suggesting

_SAME = 0.01  # difference of statistics below which two minima are one


@suggesting
def fit(  # noqa: PLR0913 - each choice is an argument
    spectra: Spectrum | Sequence[Spectrum],
    model: str,
    *,
    energy: Any = None,
    systematic: Any = None,
    statistic: str | Sequence[str | None] | None = None,
    start: Mapping[str, float] | None = None,
    freeze: Names = (),
    free: Collection[str] = (),
    limits: Mapping[str, tuple[float, float]] | None = None,
    links: Mapping[str, str] | None = None,
) -> Fit:
    """Fit a model to one spectrum, or to several at once.

    Several spectra share all parameters, but for a ``constant`` that multiplies the model: it is
    1 for the first spectrum and free for the others. More are set free with ``free=["2:norm"]``.

    Parameters
    ----------
    spectra
        One spectrum, or a list.
    model
        XSPEC's notation: "grbm", "constant*(bbodyrad + compTT)", "TBabs*cflux(powerlaw)"; or the
        path of a command file of XSPEC, "model.xcm", whose values are started from.
    energy
        Range in keV, one for all or a list of one for each; whole channels inside are used.
        None takes all good channels.
    systematic
        Fraction of the rate to add to the errors in quadrature, one for all or one for each.
        None takes what the file says (SYS_ERR).
    statistic
        One for all spectra or one for each. By default the one that suits the data: "cstat" for
        Poisson counts, "wstat" for Poisson counts of source and background (what XSPEC's cstat
        does with a background), "pgstat" for Poisson counts beside a background with Gaussian
        errors, and else "chi2": for rates, or where a systematic error is given, or that of the
        file (SYS_ERR) is above the errors of counts. Only chi2 takes systematic errors of the
        source, and the GROUPING of a file.
    start
        Values to start from, by name of the parameter; others are guessed from the data.
    freeze
        Parameters to hold fixed: names, or names with values.
    free
        Parameters to fit that would be frozen or linked.
    limits
        Limits by name, (low, high); they may go beyond XSPEC's own.
    links
        Formulas by name: {"2:norm": "0.8*norm"}.

    Returns
    -------
    Fit
        With ``parameters``, ``statistic``, ``dof``, ``errors()``, ``flux()``, ``chain()``.

    Raises
    ------
    BadParameter
        If an argument is unknown or outside its limits; the message names it.
    EmptySelection
        If a spectrum has no good channel in its range.
    DataError
        If the model gives no numbers for any start.

    Examples
    --------
    >>> import oda_widgets as oda
    >>> spectrum = oda.Spectrum.read("notebooks/data/NGC2110_ursini_spectrum_osa10.fits")
    >>> found = oda.fit(spectrum, "cutoffpl", energy=(22, 200), freeze={"HighECut": 300})
    >>> found.statistic_name, found.dof
    ('chi2', 9)
    """
    choices = Choices(start, freeze, free, limits, links)
    recipe = prepare(spectra, model, energy, systematic, statistic, choices)
    return fitted(recipe, recipe.parameters.free if is_command_file(model) else choices.given)


def fitted(recipe: Recipe, given: Collection[str] = ()) -> Fit:
    """Return the fit of a recipe.

    Parameters
    ----------
    recipe
        Data, model and parameters.
    given
        Names of parameters that start from their values; the others are guessed.
    """
    begun = perf_counter()
    problem = Problem(recipe)
    chosen = {recipe.parameters.name(recipe.parameters.index(name)) for name in given}
    if set(recipe.parameters.free) <= chosen:
        starts = [problem.links.start]
    else:
        # Norms follow from the data by a linear fit only for chi2.
        datasets = tuple(replace(data, statistic=data.gaussian) for data in recipe.datasets)
        starts = guess(Problem(replace(recipe, datasets=datasets), interpolated=0), chosen)
    minima = minima_of(problem, starts)
    return Fit(recipe, minima, problem, perf_counter() - begun)


def minima_of(problem: Problem, starts: Sequence[Floats]) -> list[Minimum]:
    """Return the minima that several starts lead to, the lowest first.

    All starts are tried, also after a good fit: for half of the spectra drawn from compPS another
    minimum, which looks as good, is lower by up to 2.4. Searches that end on a slope are left out.
    """
    objective, bounds = problem.objective, problem.bounds
    found = [minimise(objective, start, bounds) for start in starts]
    lowest, *others = sorted(found, key=lambda minimum: minimum.statistic)
    best = minimise(objective, lowest.values, bounds, PRECISE)
    if best.statistic >= 1e12 * problem.n_data:
        problem_text = f"The model {problem.recipe.model} gives no numbers for these parameters."
        raise DataError(problem_text, "Give other start values, or narrower limits.")
    minima = [best]
    for other in others:
        if other.stationary and other.statistic > minima[-1].statistic + _SAME:
            minima.append(other)
    return minima
