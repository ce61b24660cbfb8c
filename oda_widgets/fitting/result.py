"""The result of a fit: best parameters, errors, fluxes, chains and history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from threading import Event
from typing import Any

from oda_widgets.errors import BadParameter
from oda_widgets.fitting.cancel import check_cancel, stop_if_set
from oda_widgets.fitting.chains.chain import Chain
from oda_widgets.fitting.chains.sampling import Progress, progress_bar, sample
from oda_widgets.fitting.chains.settings import chain_settings
from oda_widgets.fitting.errors.contour import Contour
from oda_widgets.fitting.errors.profile import ONE_SIGMA, Errors, Interval
from oda_widgets.fitting.errors.search import goodness
from oda_widgets.fitting.flux import Flux, flux_limit, measured_flux
from oda_widgets.fitting.flux_of_spectrum import checked_spectrum
from oda_widgets.fitting.history import fit_provenance
from oda_widgets.fitting.limit import UpperLimit, unit_of
from oda_widgets.fitting.problem import free_indices
from oda_widgets.fitting.saved import SavedFit
from oda_widgets.fitting.xspec.pyxspec import XspecFit, fit_with_pyxspec
from oda_widgets.provenance.record import Provenance
from oda_widgets.request.arguments import called
from oda_widgets.request.keywords import suggesting_class
from oda_widgets.request.numbers import number_within, whole_number

_MOST_POINTS = 1000  # along an axis of a contour
_MOST_SIMULATIONS = 1_000_000
_UPPER_LIMIT_LEVEL = 0.95


@suggesting_class
class Fit(SavedFit):
    """A model with the parameters that describe the data best.

    Made by `oda_widgets.fit` and `Spectrum.fit`. When a search for errors meets a lower minimum,
    the fit moves there and says so in `notes`.

    Parameters
    ----------
    recipe
        Data, model, parameters and statistic.
    minima
        The minimum that was found; then higher minima that other starts led to.
    problem
        The function that was minimised.
    seconds
        Time that the fit took.

    Examples
    --------
    >>> import oda_widgets as oda
    >>> spectrum = oda.Spectrum.read("notebooks/data/NGC2110_ursini_spectrum_osa10.fits")
    >>> fit = spectrum.fit("powerlaw", energy=(22, 200))
    >>> round(fit.parameters["PhoIndex"].value, 2), fit.dof
    (1.81, 9)
    """

    def errors(
        self,
        *names: str | Sequence[str],
        level: float = ONE_SIGMA,
        progress: Progress | None = None,
        cancel: Event | None = None,
    ) -> Errors:
        """Find profile-likelihood errors of parameters, as XSPEC's "error" does.

        One parameter is moved until the best statistic of all others has risen by the quantile of
        chi2 with one degree of freedom (Lampton, Margon & Bowyer 1976, ApJ 208, 177): by 1.00 for
        68.3 %, by 2.71 for 90 %.

        Tables of the fit carry one confidence level: the errors are shown there if they are of all
        free parameters, or of the level that the table has (68.3 % at first).

        Parameters
        ----------
        names
            Parameters to find errors of, or a list of them; without any, all that are free.
        level
            Confidence, a fraction: 0.683 for 1 sigma, 0.9 as is usual in XSPEC.
        progress
            Called with the parameters done and the parameters wanted.
        cancel
            Stops the search when it is set.

        Returns
        -------
        Errors
            Intervals by name of the parameter.

        Raises
        ------
        BadParameter
            If a parameter is not free, or the level is not between 0.01 and 0.9999.
        DataError
            If each search meets a lower minimum.
        JobCancelled
            If it was cancelled.

        Examples
        --------
        >>> print(fit.errors("PhoIndex", level=0.9)["PhoIndex"])
        1.814 ± 0.039
        """
        check_cancel(cancel)
        tell = called("progress", progress) or _tell_nobody
        found = self._find_errors(_flat_names(names) or self.parameters.free, level, tell, cancel)
        everything = len(found) == len(self.parameters.free)
        if everything or found.level == self.last_errors.level:
            together = {**({} if everything else self.last_errors), **found}
            parameters = self.recipe.parameters
            self._errors = Errors(together, found.level, parameters)
            self._errors_at = self.minimum
        return found

    def _find_errors(
        self, names: Sequence[Any], level: float, tell: Progress, cancel: Event | None
    ) -> Errors:
        level = number_within("level", level, 0.01, 0.9999)
        wanted = free_indices(self.recipe.parameters, names)

        def check() -> None:
            stop_if_set(cancel, "The search for errors", "The fit is kept; ask again.")

        intervals: list[Interval] = self._search.intervals(wanted, level, tell, check)
        parameters = self.recipe.parameters
        names = [parameters.free[index] for index in wanted]
        return Errors(dict(zip(names, intervals, strict=True)), level, parameters)

    def rise(self, name: str, value: float) -> float:
        """Return the delta statistic with one parameter held at a value and the others refitted.

        Parameters
        ----------
        name
            A free parameter.
        value
            Value to hold it at, within its limits.

        Raises
        ------
        BadParameter
            If the parameter is not free, or the value is outside its limits.

        Examples
        --------
        >>> fit.rise("PhoIndex", fit.errors("PhoIndex")["PhoIndex"].high)  # doctest: +ELLIPSIS
        1.0...
        """
        [index] = free_indices(self.recipe.parameters, (name,))
        bounds = self.problem.bounds
        value = number_within(name, value, float(bounds.low[index]), float(bounds.high[index]))
        return self._search.rise(index, value)

    def flux(
        self, low: float, high: float, *, unit: str = "erg", level: float = ONE_SIGMA,
        spectrum: int = 1,
    ) -> Flux:  # fmt: skip
        """Return the flux of the model in a band, as one of the spectra sees it.

        Its errors are found as those of parameters are, with the flux in the place of a norm. The
        flux of a source at norm 0 is 0 with an upper error; `flux_limit` is its upper limit.

        Parameters
        ----------
        low, high
            The band, keV. Beyond the range of the data the flux is an extrapolation of the model.
        unit
            "erg" for erg/cm²/s, "photons" for photons/cm²/s.
        level
            Confidence of the errors, a fraction.
        spectrum
            Number of the spectrum, from 1. Where a factor ("constant") lies between spectra, each
            has a flux of its own.

        Raises
        ------
        BadParameter
            If the band, the unit, the level or the spectrum cannot be accepted, or the spectrum
            differs from the first by more than a factor.
        DataError
            If the model is negative in the band, or has no flux there whatever its norms.

        Examples
        --------
        >>> f"{fit.flux(20, 100).value:.2e}"
        '1.90e-10'
        """
        level = number_within("level", level, 0.01, 0.9999)
        recipe = replace(self.recipe, parameters=self.parameters)
        number = checked_spectrum(spectrum, recipe)
        values = self.problem.values_of(self.minimum.values, number)
        return measured_flux(recipe, values, (low, high), unit, level, number)

    def flux_limit(
        self, low: float, high: float, *, unit: str = "erg", level: float = _UPPER_LIMIT_LEVEL
    ) -> UpperLimit:
        """Return the one-sided upper limit of the flux in a band, also of a source at norm 0.

        Parameters
        ----------
        low, high, unit
            As for `flux`.
        level
            Confidence, 0.5 to 0.9999: 0.95 is where the statistic has risen by 2.71.

        Returns
        -------
        UpperLimit
            A number that prints with its unit and confidence.

        Raises
        ------
        BadParameter
            If the band, the unit or the level cannot be accepted.
        DataError
            If the model has no flux in the band, whatever its norms.

        Examples
        --------
        >>> fit.flux_limit(22, 100)
        flux 22-100 keV < 1.84e-10 erg/cm²/s (95 % confidence)
        """
        level = number_within("level", level, 0.5, 0.9999)
        recipe = replace(self.recipe, parameters=self.parameters)
        values = self.problem.values_of(self.minimum.values, 0)
        return flux_limit(recipe, values, (low, high), unit, level)

    def upper_limit(self, name: str, level: float = _UPPER_LIMIT_LEVEL) -> UpperLimit:
        """Return the one-sided upper limit of a parameter; errors in tables stay as they are.

        That of a flux is `flux_limit`.

        Parameters
        ----------
        name
            A free parameter.
        level
            Confidence, 0.5 to 0.9999: 0.95 is where the statistic has risen by 2.71.

        Returns
        -------
        UpperLimit
            A number that prints with its unit and confidence.

        Raises
        ------
        BadParameter
            If the parameter is not free, or the level is out of range.

        Examples
        --------
        >>> fit.upper_limit("norm") > fit.parameters["norm"].value
        True
        >>> fit.upper_limit("PhoIndex")
        PhoIndex < 1.85 (95 % confidence)
        """
        level = number_within("level", level, 0.5, 0.9999)
        found = self._find_errors((name,), 2.0 * level - 1.0, _tell_nobody, None)
        [known], interval = found, found.first
        unit = unit_of(self.parameters[known])
        return UpperLimit(interval.high, known, unit, level, found=interval.high_found)

    def contour(self, first: str, second: str, points: int = 21) -> Contour:
        """Return the delta statistic over two parameters, the others refitted at each point.

        Parameters
        ----------
        first, second
            Names of free parameters.
        points
            Values along each side of the grid. It follows the correlation of the parameters and
            holds the 99 % contour within their limits.

        Returns
        -------
        Contour
            The grid, which can be plotted and saved; it says how many points lie within each level,
            and which levels are open at limits of the parameters.

        Raises
        ------
        BadParameter
            If a parameter is not free, or both are the same, or `points` is not from 3 to 1,000.

        Examples
        --------
        >>> fit.contour("PhoIndex", "norm", points=5).rise.shape
        (5, 5)
        """
        pair = free_indices(self.recipe.parameters, (first, second))
        if pair[0] == pair[1]:
            limit = "the same parameter twice"
            raise BadParameter("second", second, limit, "Give two parameters.")
        return self._search.contour(
            (pair[0], pair[1]), whole_number("points", points, 3, _MOST_POINTS)
        )

    def goodness(self, simulations: int = 100, seed: int = 0) -> float:
        """Return the probability of a worse statistic if the model is true.

        For chi2 it follows from its distribution; for counts, spectra are drawn from the model
        and fitted.

        Parameters
        ----------
        simulations
            Number of spectra that are drawn, for counts.
        seed
            Seed of the draws: the same seed gives the same probability.

        Raises
        ------
        BadParameter
            If `simulations` or `seed` is not a whole number in its range.

        Examples
        --------
        >>> round(fit.goodness(), 2)
        0.46
        """
        number = whole_number("simulations", simulations, 1, _MOST_SIMULATIONS)
        return goodness(self._search, self.parameters, number, whole_number("seed", seed, 0))

    def chain(
        self,
        steps: int = 2000,
        *,
        walkers: int | None = None,
        burn: int | None = None,
        seed: int = 0,
        processes: int | None = None,
        progress: Progress | None = None,
        cancel: Event | None = None,
    ) -> Chain:
        """Return a Markov chain of the free parameters, by an ensemble of walkers (emcee).

        Parts of a chain are stored: the same chain is read again, a longer one resumes where the
        stored one ends, also in another session.

        Parameters
        ----------
        steps
            Steps of each walker.
        walkers
            Number of walkers; by default four for each free parameter and 20 at least, twice as
            many for models of XSPEC's library. Each 20, or two for each free parameter, form a
            group that can run in a process of its own.
        burn
            Steps left out at the beginning; a quarter by default.
        seed
            Seed of the random steps: the same seed gives the same chain.
        processes
            Number of worker processes, 0 for none. By default none for models of plain NumPy, and
            for those of XSPEC's library one for each group, up to the number of processors.
        progress
            Called with the steps done and the steps wanted; by default a bar is shown.
        cancel
            Stops the chain when it is set.

        Raises
        ------
        BadParameter
            If a number is out of its range, or no parameter is free.
        JobCancelled
            If it was cancelled; the parts that were done are stored.

        Examples
        --------
        >>> chain = fit.chain(steps=200, progress=lambda done, wanted: None)
        >>> chain.names
        ('PhoIndex', 'norm')
        """
        recipe = replace(self.recipe, parameters=self.parameters.plain())
        chosen = chain_settings(recipe, steps, walkers, burn, seed, processes)
        check_cancel(cancel)
        with progress_bar(called("progress", progress), "chain") as report:
            samples = sample(
                recipe,
                self._search.likely,
                chosen.walkers,
                chosen.steps,
                chosen.seed,
                chosen.processes,
                report,
                cancel,
            )
        return Chain(recipe, samples, chosen.burn, chosen.seed)

    @cached_property
    def provenance(self) -> Provenance:
        """Provenance of the fit, back to the spectra."""
        return fit_provenance(self.recipe, self.parameters, self._seconds, self._made)

    def code(self) -> str:
        """Return a Python script that makes the fit again.

        Examples
        --------
        >>> "oda.fit(" in fit.code()
        True
        """
        return self.provenance.script()

    def with_pyxspec(self) -> XspecFit:
        """Return the fit that XSPEC itself finds from here, with PyXspec of HEASoft.

        Raises
        ------
        MissingTool
            If PyXspec cannot be imported.
        """
        return fit_with_pyxspec(self.recipe, self.parameters)


def _flat_names(names: Sequence[Any]) -> Sequence[Any]:
    """Return the names that are given one by one, or as one list."""
    alone = len(names) == 1 and isinstance(names[0], list | tuple)
    return names[0] if alone else names


def _tell_nobody(done: int, wanted: int) -> None:
    """Report no progress."""
