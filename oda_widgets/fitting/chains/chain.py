"""A chain: samples of the posterior of the parameters, and whether it has converged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from html import escape
from io import BytesIO
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np

from oda_widgets.abilities import abilities
from oda_widgets.arrays import Floats, KeptArrays, unwritable
from oda_widgets.fitting.chains.priors import Prior, Weighting, checked_prior, weighted
from oda_widgets.fitting.chains.sampling import Progress, progress_bar
from oda_widgets.fitting.chains.walk import Samples
from oda_widgets.fitting.errors.profile import ONE_SIGMA, Interval
from oda_widgets.fitting.extrapolated import extrapolation
from oda_widgets.fitting.flux import Flux, checked_band, checked_unit, model_flux
from oda_widgets.fitting.flux_of_spectrum import checked_spectrum
from oda_widgets.fitting.models.lattice import FOR_CHAINS
from oda_widgets.fitting.models.parameters import Parameters
from oda_widgets.fitting.problem import Problem, Recipe, free_indices
from oda_widgets.fitting.saving import save_as
from oda_widgets.request.arguments import array_of
from oda_widgets.request.keywords import suggesting_class
from oda_widgets.request.numbers import number_within, whole_number
from oda_widgets.request.words import in_words

_ENOUGH, _SOME = 50.0, 20.0  # autocorrelation times; 50 is the advice of emcee's authors
_MOST_LEVELS = 100_000
_FEW = 0.3  # of the samples: fewer effective samples give noisy intervals
_AT_LIMIT = 0.02  # of the range of a chain: closer to a limit than this, the limit cuts it


@suggesting_class
@dataclass(frozen=True, eq=False)
class Chain(KeptArrays):
    """Samples of the free parameters from their posterior, made by `Fit.chain`.

    Priors are flat within the limits of the parameters, as XSPEC's are; `with_prior` weights the
    samples to another one.

    Parameters
    ----------
    recipe
        Data, model, parameters and statistic.
    samples
        All steps of all walkers.
    burn
        Steps at the beginning that are left out.
    seed
        Seed that repeats the chain.
    weighting
        Samples resampled to another prior; None for flat priors.

    Examples
    --------
    >>> chain.names
    ('PhoIndex', 'norm')
    >>> chain.quantiles("PhoIndex").shape
    (3,)
    """

    recipe: Recipe
    samples: Samples
    burn: int
    seed: int
    weighting: Weighting | None = None

    def __repr__(self) -> str:
        steps, walkers, _ = self.samples.values.shape
        origin = " · SIMULATED" if self.simulated else ""
        values = ", ".join(f"{name} = {interval}" for name, interval in self.intervals().items())
        return "\n".join([
            f"Chain of {self.recipe.model}{origin}",
            f"{walkers} walkers, {steps} steps ({self.burn} left out), {self.prior} prior",
            f"{values} (medians and central intervals, {100 * ONE_SIGMA:.3g} %)",
            self.verdict,
        ])  # fmt: skip

    def _repr_html_(self) -> str:
        head, walkers, _, verdict = str(self).split("\n")
        cells = "".join(
            f"<tr><td>{escape(name)}</td><td>{interval}</td>"
            f"<td>{escape(self.parameters[name].unit)}</td></tr>"
            for name, interval in self.intervals().items()
        )
        title = "<tr><th>parameter</th><th>median, 68.3 % interval</th><th>unit</th></tr>"
        lines = f"<p><b>{escape(head)}</b> · {escape(walkers)}</p>"
        return f"{lines}<table>{title}{cells}</table><p>{escape(verdict)}</p>"

    @property
    def simulated(self) -> bool:
        """Whether any of the data are not real."""
        return self.recipe.simulated

    @property
    def parameters(self) -> Parameters:
        """The parameters at the best values of the fit."""
        return self.recipe.parameters

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the free parameters."""
        return self.recipe.parameters.free

    @cached_property
    def values(self) -> Floats:
        """Samples after the burn-in, shape (n_samples, n_free)."""
        kept = self.samples.values[self.burn :]
        samples = kept.reshape(-1, kept.shape[2])
        return unwritable(samples if self.weighting is None else samples[self.weighting.chosen])

    @property
    def statistics(self) -> Floats:
        """Fit statistic of each sample in `values`, shape (n_samples,)."""
        found: Floats = -2.0 * self.samples.log_likelihood[self.burn :].ravel()
        return found if self.weighting is None else found[self.weighting.chosen]

    @property
    def prior(self) -> Prior:
        """The prior: "flat" in the parameters, or "jeffreys"."""
        return "flat" if self.weighting is None else self.weighting.prior

    def with_prior(
        self, prior: str, *, progress: Progress | None = None, cancel: Event | None = None
    ) -> Chain:
        """Return the chain weighted to another prior; nothing is sampled again.

        Where the data dominate, both priors agree. Where parameters are correlated along a curve,
        the medians and intervals of "jeffreys" cover the truth as often as those of a fit do
        (docs/fitting.md), and do not depend on how the model is written. It gives no weight where a
        parameter has no effect, like the temperature of a component whose norm vanishes: find
        upper limits of norms with "flat".

        Parameters
        ----------
        prior
            "flat" in the parameters, or "jeffreys".
        progress
            Called with samples weighted and samples to weight; by default a bar is shown.
        cancel
            An event that stops it.

        Raises
        ------
        BadParameter
            If there is no such prior, or the data do not constrain a parameter.
        JobCancelled
            If it was stopped.
        """
        flat = replace(self, weighting=None)
        if checked_prior(prior) == "flat":
            return flat
        problem = Problem(self.recipe, interpolated=FOR_CHAINS)
        with progress_bar(progress, "prior") as report:
            found = weighted(problem, flat.values, self.seed, report, cancel)
        return replace(flat, weighting=found)

    @cached_property
    def autocorrelation(self) -> dict[str, float]:
        """Autocorrelation time of each parameter, in steps (Sokal's estimate)."""
        from emcee.autocorr import integrated_time  # noqa: PLC0415 - only chains need it

        kept = self.samples.values[self.burn :]
        with np.errstate(invalid="ignore", divide="ignore"):
            times = integrated_time(kept, tol=0, has_walkers=True)
        return dict(zip(self.names, (float(time) for time in times), strict=True))

    @property
    def converged(self) -> bool:
        """Whether the chain is longer than 50 autocorrelation times."""
        return self._covered_times >= _ENOUGH

    @property
    def wanted_steps(self) -> int | None:
        """Steps that a converged chain needs; None if this one has converged, or never moves."""
        slowest = max(self.autocorrelation.values())
        if self.converged or not np.isfinite([*self.autocorrelation.values()]).all():
            return None
        return int(np.ceil(_ENOUGH * slowest / 100) * 100) + self.burn

    @property
    def verdict(self) -> str:
        """Whether the chain has converged, in words."""
        times = self.autocorrelation
        if not np.isfinite(list(times.values())).all():
            return "Not converged: a parameter has not moved. Set other limits or start values."
        slowest = max(times, key=lambda name: times[name])
        number = f"{self._covered_times:.0f} autocorrelation times of {slowest}"
        length = f"{number} ({times[slowest]:.0f} steps)"
        wanted = self.wanted_steps
        if wanted is None:
            text = f"Converged: the chain covers {length}."
        elif self._covered_times >= _SOME:
            text = f"Not certain: the chain covers only {length}; take steps={wanted}."
        else:
            text = f"Not converged: the chain covers only {length}; take steps={wanted} or more."
        return " ".join([text, *self._prior_sentence, *self._limit_sentences])

    def quantiles(self, name: str, levels: Sequence[float] = (0.16, 0.5, 0.84)) -> Floats:
        """Return quantiles of a parameter.

        Parameters
        ----------
        name
            A free parameter.
        levels
            Fractions of the samples, 0 to 1.

        Raises
        ------
        BadParameter
            If the parameter is not free, or a level is outside 0 to 1.
        """
        [index] = free_indices(self.recipe.parameters, [name])
        listed = np.atleast_1d(array_of("levels", levels, _MOST_LEVELS)).tolist()
        wanted = [number_within("levels", level, 0.0, 1.0) for level in listed]
        return np.quantile(self.values[:, index], wanted)

    def interval(self, name: str, level: float = ONE_SIGMA) -> Interval:
        """Return the median of a parameter, and the central interval around it."""
        level = number_within("level", level, 0.01, 0.9999)
        low, middle, high = self.quantiles(name, (0.5 - level / 2, 0.5, 0.5 + level / 2))
        return Interval(float(middle), float(low), float(high))

    def intervals(self, level: float = ONE_SIGMA) -> dict[str, Interval]:
        """Return the intervals of all free parameters."""
        return {name: self.interval(name, level) for name in self.names}

    def flux(
        self, low: float, high: float, *, unit: str = "erg", level: float = ONE_SIGMA,
        samples: int = 500, spectrum: int = 1,
    ) -> Flux:  # fmt: skip
        """Return median and central interval of the flux in a band; see `Fit.flux`.

        Parameters
        ----------
        low, high
            The band, keV.
        unit
            "erg" for erg/cm²/s, "photons" for photons/cm²/s.
        level
            Confidence of the interval, a fraction.
        samples
            Number of samples whose flux is computed.
        spectrum
            Number of the spectrum whose flux it is, from 1.

        Raises
        ------
        BadParameter
            If the band, the unit, the level or a number cannot be accepted.
        """
        label = checked_unit(unit)
        low, high = checked_band((low, high), "chain")
        level = number_within("level", level, 0.01, 0.9999)
        number = min(whole_number("samples", samples, 1), len(self.values))
        place = checked_spectrum(spectrum, self.recipe)
        problem = Problem(self.recipe)
        chosen = np.linspace(0, len(self.values) - 1, number).astype(int)
        fluxes = [
            model_flux(self.recipe, problem.values_of(self.values[i], place), low, high, unit)
            for i in chosen
        ]
        start, middle, end = np.quantile(fluxes, (0.5 - level / 2, 0.5, 0.5 + level / 2))
        interval = Interval(float(middle), float(start), float(end))
        systematic = self.recipe.datasets[place].spectrum.observation.rates_error
        beyond = extrapolation(self.recipe.datasets, (low, high))
        return Flux(low, high, interval, label, level, systematic, place + 1, beyond)

    def save(self, path: str | Path, *, overwrite: bool = False, **options: Any) -> None:
        """Save the samples, or the corner plot, as the suffix of the name says.

        Parameters
        ----------
        path
            Ends in ``.fits`` for a chain as XSPEC writes it (``chain load``), in ``.csv`` for a
            table with a row for each sample, in ``.pdf``, ``.png`` or ``.svg`` for a figure.
        overwrite
            Replace a file that exists.
        options
            Of a figure: those of `figure`, and ``dpi`` for PNG.

        Raises
        ------
        BadParameter
            If the suffix is another, the file exists or cannot be written, or an option cannot be
            accepted.
        """
        tables = {".fits": self._as_fits, ".csv": self._as_csv}
        save_as(self, path, tables, "a file of samples", overwrite=overwrite, options=options)

    def _as_csv(self) -> bytes:
        rows = np.column_stack([self.values, self.statistics])
        head, last = (",simulated", ",True") if self.simulated else ("", "")
        lines = [",".join(repr(float(number)) for number in row) + last for row in rows]
        return "\n".join([",".join([*self.names, "statistic"]) + head, *lines, ""]).encode()

    def _as_fits(self) -> bytes:
        """Return the samples as XSPEC writes a chain: a column for each parameter by its number."""
        from astropy.io import fits  # noqa: PLC0415 - only files need it

        numbers = [self.parameters.index(name) + 1 for name in self.names]
        columns = [
            fits.Column(f"{self.parameters[number].name}__{number}", "D", array=values)
            for number, values in zip(numbers, self.values.T, strict=True)
        ]
        columns.append(fits.Column("FIT_STATISTIC", "D", array=self.statistics))
        table = fits.BinTableHDU.from_columns(columns, name="CHAIN")
        table.header["NWALKERS"] = (self.samples.values.shape[1], "number of walkers")
        table.header["MODEL"] = (str(self.recipe.model)[:68], "expression in XSPEC's notation")
        table.header["SIMULATE"] = (self.simulated, "T if any of the data are simulated")
        buffer = BytesIO()
        fits.HDUList([fits.PrimaryHDU(), table]).writeto(buffer)
        return buffer.getvalue()

    def plot(self, **options: Any) -> Any:
        """Return an interactive corner plot."""
        return abilities().plot(self, **options)

    def figure(self, **options: Any) -> Any:
        """Return a corner plot for publication, a `matplotlib.figure.Figure`."""
        return abilities().figure(self, **options)

    @property
    def _covered_times(self) -> float:
        steps = len(self.samples.values) - self.burn
        return steps / max(*self.autocorrelation.values(), 1.0)

    @property
    def _prior_sentence(self) -> list[str]:
        """Sentence about the weights, if the prior is not flat."""
        if self.weighting is None:
            return []
        left = self.weighting.effective
        sentence = f"Jeffreys' prior leaves {left:.0%} of its samples"
        return [f"{sentence}." if left >= _FEW else f"{sentence}: take more steps."]

    @property
    def _limit_sentences(self) -> list[str]:
        """Sentences about parameters whose samples pile up at a limit."""
        sentences = []
        for name, column in zip(self.names, self.values.T, strict=True):
            item = self.recipe.parameters[name]
            room = _AT_LIMIT * float(np.ptp(column))
            # Of an uncut distribution, almost nothing lies so close to its last sample.
            sentences += [
                f"{name} is cut off by its limit {in_words(limit)}."
                for limit in (item.low, item.high)
                if np.mean(np.abs(column - limit) < room) > _AT_LIMIT / 2
            ]
        return sentences
