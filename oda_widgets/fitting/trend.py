"""How parameters and fluxes change from fit to fit: ``oda.trend(fits, quantities)``."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np

from oda_widgets.abilities import Displayed, abilities
from oda_widgets.arrays import Floats, KeptArrays, unwritable
from oda_widgets.errors import BadParameter, DataError
from oda_widgets.fitting.errors.profile import ONE_SIGMA, Interval
from oda_widgets.fitting.flux import Flux
from oda_widgets.fitting.result import Fit
from oda_widgets.fitting.saving import save_as
from oda_widgets.products.observation import Observation
from oda_widgets.request.arguments import listed, one_of, pair
from oda_widgets.request.instruments import label_of
from oda_widgets.request.keywords import suggesting, suggesting_class
from oda_widgets.request.words import counted, one_line

REDUCED = "reduced statistic"
"""The quantity that stands for the statistic over the degrees of freedom."""

_MOST = 1000  # fits, or quantities
_MOST_PRINTED = 3
_WITH_A_NUMBER = 3  # a band and the number of a spectrum
_ADVICE = 'Write for example oda.trend({2003: fit}, ["PhoIndex", (20, 100)]).'


@dataclass(frozen=True)
class Quantity:
    """A number that each of several fits has.

    Parameters
    ----------
    name
        Of the parameter, "flux 20-100 keV" or "reduced statistic".
    unit
        Empty for none.
    values
        One for each fit; numbers without error are their own interval.
    """

    name: str
    unit: str
    values: tuple[Interval | Flux, ...]

    def __repr__(self) -> str:
        first = ", ".join(map(str, self.values[:_MOST_PRINTED]))
        more = (
            ""
            if len(self.values) <= _MOST_PRINTED
            else f" and {len(self.values) - _MOST_PRINTED} more"
        )
        return f"{self.name}: {first}{more} {self.unit}".strip()

    @property
    def intervals(self) -> tuple[Interval, ...]:
        """Values and statistical errors, one for each fit."""
        return tuple(one.interval if isinstance(one, Flux) else one for one in self.values)

    @property
    def value(self) -> Floats:
        """Values in `unit`, shape (n_fits,)."""
        return np.array([one.value for one in self.intervals])

    @property
    def texts(self) -> tuple[str, ...]:
        """Values with their errors in words, one for each fit."""
        exact = self.name == REDUCED
        return tuple(f"{one.value:.3g}" if exact else str(one) for one in self.intervals)

    def said(self, place: int) -> str:
        """Return the name, the value and the unit of one fit in words."""
        return f"{self.name} {self.texts[place]} {self.unit}".strip()

    @property
    def systematic(self) -> float:
        """Relative systematic error of the rates that fluxes rest on, the largest; else 0."""
        return max((one.rates_error for one in self.values if isinstance(one, Flux)), default=0.0)

    @property
    def errors(self) -> Floats:
        """Distances to the lower and the upper ends, shape (2, n_fits); NaN where unbounded."""
        return np.array([[one.minus, one.plus] for one in self.intervals]).T


@suggesting_class
@dataclass(frozen=True, eq=False, repr=False)
class Trend(Displayed, KeptArrays):
    """Parameters and fluxes of several fits against the time of their data.

    Parameters
    ----------
    labels
        Name of each fit.
    fits
        In order of time.
    quantities
        Numbers to compare.

    Examples
    --------
    >>> import oda_widgets as oda
    >>> spectrum = oda.Spectrum.read("notebooks/data/NGC2110_ursini_spectrum_osa10.fits")
    >>> fits = {"hard": spectrum.fit("powerlaw", energy=(50, 200)), "all": spectrum.fit("powerlaw")}
    >>> oda.trend(fits, ["PhoIndex"])
    Trend of NGC2110: PhoIndex in 2 fits
      hard: PhoIndex ...
      all: PhoIndex ...
    """

    labels: tuple[str, ...]
    fits: tuple[Fit, ...]
    quantities: tuple[Quantity, ...]

    def __repr__(self) -> str:
        names = ", ".join(one.name for one in self.quantities)
        origin = " · SIMULATED" if any(fit.simulated for fit in self.fits) else ""
        rows = [
            f"  {label}: " + ", ".join(one.said(place) for one in self.quantities)
            for place, label in enumerate(self.labels)
        ]
        if any(one.systematic > 0 for one in self.quantities):
            largest = max(one.systematic for one in self.quantities)
            rows.append(f"  fluxes: ± {100 * largest:.2g} % systematic besides")
        return "\n".join(
            [f"Trend of {self.name}: {names} in {counted(len(self.labels), 'fit')}{origin}", *rows]
        )

    def __hash__(self) -> int:
        return hash((type(self), self.labels, self.fits))

    @property
    def name(self) -> str:
        """Name of the source of the first fit."""
        return one_line(self.fits[0].datasets[0].spectrum.name)

    @property
    def observations(self) -> tuple[Observation, ...]:
        """The observations of all spectra."""
        return tuple(data.spectrum.observation for fit in self.fits for data in fit.datasets)

    @cached_property
    def spans(self) -> Floats:
        """First and last instant of the data of each fit, IJD days, shape (n_fits, 2)."""
        seen = [[data.spectrum.observation for data in fit.datasets] for fit in self.fits]
        spans = [(min(o.start for o in s), max(o.stop for o in s)) for s in seen]
        return unwritable(np.array(spans))

    @property
    def undated(self) -> tuple[str, ...]:
        """Labels of the fits to spectra that do not say when they were taken."""
        spans = zip(self.labels, self.spans.tolist(), strict=True)
        return tuple(label for label, span in spans if not any(span))

    def need_dates(self) -> None:
        """Check that all fits have a place in time.

        Raises
        ------
        DataError
            If the spectra of one do not say when they were taken.
        """
        if self.undated:
            problem = f"The spectra of {', '.join(self.undated)} do not say when they were taken."
            advice = "Add TSTART and TSTOP to their headers, or save the trend as a table (.csv)."
            raise DataError(problem, advice)

    def values(self, *names: str) -> dict[str, Interval | Flux]:
        """Return numbers by quantity and fit: "PhoIndex, 2003".

        Parameters
        ----------
        names
            Of quantities; without any, of all.

        Raises
        ------
        BadParameter
            If there is no such quantity.
        """
        known = tuple(one.name for one in self.quantities)
        wanted = [one_of("names", name, known) for name in names or known]
        return {
            f"{quantity.name}, {label}": value
            for quantity in self.quantities
            if quantity.name in wanted
            for label, value in zip(self.labels, quantity.values, strict=True)
        }

    def means(self, *names: str) -> dict[str, Interval]:
        """Return the mean of quantities over all fits: "PhoIndex, mean".

        Each fit counts alike, so that the mean is that of the numbers that `values` lists; its
        error is that of their errors, and of the systematic one that fluxes share.

        Parameters
        ----------
        names
            Of quantities; without any, of all.

        Raises
        ------
        BadParameter
            If there is no such quantity.

        Examples
        --------
        >>> import oda_widgets as oda
        >>> spectrum = oda.Spectrum.read("notebooks/data/NGC2110_ursini_spectrum_osa10.fits")
        >>> fits = {"2003": spectrum.fit("powerlaw"), "2004": spectrum.fit("powerlaw")}
        >>> oda.trend(fits, ["PhoIndex"]).means()
        {'PhoIndex, mean': ...}
        """
        known = tuple(one.name for one in self.quantities)
        wanted = [one_of("names", name, known) for name in names or known]
        return {f"{one.name}, mean": _mean(one) for one in self.quantities if one.name in wanted}

    def plot(self, **options: Any) -> Any:
        """Return an interactive figure: a frame for each quantity, against the date.

        Parameters
        ----------
        options
            Those of `oda_widgets.views.trend.TrendView`: height.
        """
        return abilities().plot(self, **options)

    def figure(self, **options: Any) -> Any:
        """Return a figure for publication, a `matplotlib.figure.Figure`.

        Parameters
        ----------
        options
            Those of `oda_widgets.views.paper.trend.trend_figure`: columns, width, height.
        """
        return abilities().figure(self, **options)

    def save(self, path: str | Path, *, overwrite: bool = False, **options: Any) -> None:
        """Save the numbers, or a figure of them, as the suffix of the name says.

        Parameters
        ----------
        path
            Ends in ``.csv`` for a table with a row for each fit, in ``.pdf``, ``.png`` or ``.svg``
            for a figure.
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
        tables = {".csv": self._as_csv}
        save_as(self, path, tables, "a table", overwrite=overwrite, options=options)

    def _as_csv(self) -> bytes:
        names = [f"{one.name} ({one.unit})" if one.unit else one.name for one in self.quantities]
        heads = [head for name in names for head in (name, "minus", "plus")]
        text = StringIO()
        writer = csv.writer(text, lineterminator="\n")
        simulated = [fit.simulated for fit in self.fits]
        label_head = ["simulated"] if any(simulated) else []
        writer.writerow(["fit", "start (IJD)", "stop (IJD)", *heads, *label_head])
        for place, label in enumerate(self.labels):
            found = [one.intervals[place] for one in self.quantities]
            numbers = [part for one in found for part in (one.value, one.minus, one.plus)]
            span = ["", ""] if label in self.undated else map(float, self.spans[place])
            last = [simulated[place]] if label_head else []
            writer.writerow([label, *span, *map(float, numbers), *last])
        return text.getvalue().encode()


def _mean(quantity: Quantity) -> Interval:
    """Return the mean of the numbers of all fits."""
    value = float(quantity.value.mean())
    number = len(quantity.values)
    minus, plus = np.sqrt((quantity.errors**2).sum(axis=1)) / number
    common = quantity.systematic * abs(value)
    low, high = value - np.hypot(minus, common), value + np.hypot(plus, common)
    found = np.isfinite([low, high])
    return Interval(value, float(low), float(high), bool(found[0]), bool(found[1]))


@suggesting
def trend(fits: Any, quantities: Any, *, level: float = ONE_SIGMA) -> Trend:
    """Compare parameters and fluxes of several fits, against the time of their data.

    Parameters
    ----------
    fits
        Fits by their names, such as years; or a list of them.
    quantities
        Names of free parameters; pairs of energies in keV, for the flux between them in
        erg/cm²/s, or ``(low, high, number)`` for that of another spectrum than the first of each
        fit; "reduced statistic".
    level
        Confidence of the errors, which are found as `Fit.errors` and `Fit.flux` do.

    Returns
    -------
    Trend
        Numbers and figures.

    Raises
    ------
    BadParameter
        If there are no fits or quantities, or a fit has no such free parameter.

    Examples
    --------
    >>> import oda_widgets as oda
    >>> spectrum = oda.Spectrum.read("notebooks/data/NGC2110_ursini_spectrum_osa10.fits")
    >>> compared = oda.trend([spectrum.fit("powerlaw")], ["PhoIndex", (20, 100)])
    >>> list(compared.values())
    ['PhoIndex, 1', 'flux 20-100 keV, 1']
    """
    named = _fits_by_name(fits)
    wanted = listed("quantities", quantities, _MOST)
    if not wanted or isinstance(quantities, str):
        raise BadParameter("quantities", quantities, "not a list of quantities", _ADVICE)
    ordered = dict(sorted(named.items(), key=lambda item: _start(item[1])))
    found = tuple(_quantity(one, tuple(ordered.values()), level) for one in wanted)
    return Trend(tuple(ordered), tuple(ordered.values()), found)


def _fits_by_name(fits: Any) -> dict[str, Fit]:
    items: Iterable[tuple[Any, Any]] = (
        fits.items() if isinstance(fits, Mapping) else enumerate(listed("fits", fits, _MOST), 1)
    )
    named = {one_line(str(name)): fit for name, fit in items}
    if not named or not all(isinstance(fit, Fit) for fit in named.values()):
        raise BadParameter("fits", fits, "not fits by their names", _ADVICE)
    return named


def _start(fit: Fit) -> float:
    return min(data.spectrum.observation.start for data in fit.datasets)


def _reduced(fit: Fit) -> Interval:
    value = fit.statistic / max(fit.dof, 1)
    return Interval(value, value, value, low_found=False, high_found=False)


def _quantity(wanted: Any, fits: Sequence[Fit], level: float) -> Quantity:
    if isinstance(wanted, str) and wanted == REDUCED:
        return Quantity(REDUCED, "", tuple(map(_reduced, fits)))
    if isinstance(wanted, str):
        known = fits[0].parameters
        name, unit = known.name(known.index(wanted)), known[wanted].unit
        return Quantity(name, unit, tuple(fit.errors(wanted, level=level).first for fit in fits))
    limit = "neither the name of a parameter nor a pair of energies"
    several = isinstance(wanted, tuple | list) and len(wanted) == _WITH_A_NUMBER
    spectrum = wanted[2] if several else 1
    low, high = pair("quantities", wanted[:2] if several else wanted, limit, _ADVICE)
    fluxes = tuple(fit.flux(low, high, level=level, spectrum=spectrum) for fit in fits)
    band = f"{fluxes[0].low_energy:g}-{fluxes[0].high_energy:g} keV"
    return Quantity(f"flux {band}{_spectrum_suffix(spectrum, fits)}", fluxes[0].unit, fluxes)


def _spectrum_suffix(spectrum: int, fits: Sequence[Fit]) -> str:
    """Return whose flux it is, in words; empty for the first spectrum of each fit."""
    if spectrum == 1:
        return ""
    labels = {fit.datasets[spectrum - 1].spectrum.observation.instrument for fit in fits}
    return f" of {label_of(*labels)}" if len(labels) == 1 else f" of spectrum {spectrum}"
