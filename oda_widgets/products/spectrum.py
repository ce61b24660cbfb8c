"""Spectra."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from oda_widgets.abilities import abilities
from oda_widgets.errors import BadParameter
from oda_widgets.products.counts import (
    Groups,
    Starts,
    apart_from_bad,
    checked_starts,
    groups,
    starts_by_number,
    starts_by_significance,
    starts_by_sum,
)
from oda_widgets.products.spectrum_data import GOOD, Background
from oda_widgets.products.spectrum_rates import SpectrumRates
from oda_widgets.products.spectrum_stack import stacked
from oda_widgets.request.keywords import suggesting_class
from oda_widgets.request.numbers import number_within, whole_number
from oda_widgets.request.words import counted, one_line

_TINY = 1e-300


@suggesting_class
@dataclass(frozen=True, eq=False, repr=False)
class Spectrum(SpectrumRates):
    """The spectrum of one source, from a fit of all sources together.

    Parameters
    ----------
    source
        Name and position.
    rate, error
        On-axis equivalent counts per second per channel, and their statistical errors, shape
        (n_channels,). Channels without data hold NaN and infinity.
    quality
        0 for a good channel, 2 if the pixels see less than half of it, 3 without data.
    systematic_error
        Fraction of the rate, shape (n_channels,).
    response
        Redistribution matrix and effective area, with the energies of the channels.
    observation
        Science windows, times and exposure.
    provenance
        The steps that made it; None if it was read from a file.
    background
        Background included in the rate; None if it was fitted or subtracted.
    counts
        Counts of a Poisson spectrum; None if the rates have Gaussian errors.
    grouping
        GROUPING of the file, shape (n_channels,): -1 if a channel continues the group of the
        previous one. Fits by chi2 use it; None if the file has none.
    grouped
        Call of `group` that made this spectrum, for scripts; "" if none.
    common_error
        The parts of `error` that channels share, counts per second, shape (n, n_channels). Each row
        is one error, fully correlated between channels, so that it adds up linearly. `mean_rate`
        and `group` use it; fits and files do not. None if channels are independent.

    Examples
    --------
    >>> site.spectra(catalog=catalog)["SGR 1935+2154"]
    Spectrum of SGR 1935+2154, 12.5–1030 keV
      ISGRI · 255900280010.001 · 2,540.7 s · energies calibrated on instrumental lines
      2022-10-12T15:09:35 to 2022-10-12T16:08:55 UTC
      ... good channels of 256
      ... counts/s in 31–79.5 keV
    """

    def _description(self) -> tuple[str, ...]:
        good = self.quality == GOOD
        low, high = self.channel_low.min(initial=np.inf), self.channel_high.max(initial=0)
        return (
            f"{one_line(self.name)}, {low:.4g}–{high:.4g} keV",
            f"{counted(int(good.sum()), 'good channel')} of {len(self.rate)}",
            self.rate_in_words,
        )

    def fit(self, model: str, energy: Any = None, **options: Any) -> Any:
        """Fit a model in XSPEC's notation and return an `oda_widgets.fitting.result.Fit`.

        Parameters
        ----------
        model
            Expression, for example "grbm" or "TBabs*cutoffpl".
        energy
            Range in keV, for example (30, 300); None for all good channels.
        options
            Options of `oda_widgets.fit`: ``systematic``, ``statistic``, ``start``, ``freeze``,
            ``free``, ``limits`` and ``links``.

        Raises
        ------
        BadParameter
            If the model, a parameter or an option is unknown, or a value is outside its limits.
        EmptySelection
            If no good channel is in the range.
        DataError
            If no parameters bring the model near the data.

        Examples
        --------
        >>> fit = spectrum.fit("powerlaw", energy=(30, 150))
        >>> 0 < fit.parameters["PhoIndex"].value < 5
        True
        """
        return abilities().fit(self, model, energy=energy, **options)

    def group(
        self,
        *,
        min_counts: int | None = None,
        min_snr: float | None = None,
        channels: int | None = None,
    ) -> Spectrum:
        """Return the spectrum with neighbouring channels joined; fits use these channels.

        The groups replace the GROUPING of a file; ``group(channels=1)`` removes it. Bad channels
        are left out, and those before the first good channel of a group stay separate. An
        incomplete group at the end joins the last complete one.

        Parameters
        ----------
        min_counts
            Least number of counts in a group, background included.
        min_snr
            Least ratio of the rate, without the background, to its error.
        channels
            Number of channels in a group.

        Raises
        ------
        BadParameter
            If not exactly one rule is given, or `min_counts` is given for a spectrum of rates.

        Examples
        --------
        >>> spectrum = site.spectra(catalog=["SGR 1935+2154"])["SGR 1935+2154"]
        >>> len(spectrum.rate), len(spectrum.group(channels=4).rate)
        (256, 64)
        """
        name, value = _only_one(min_counts=min_counts, min_snr=min_snr, channels=channels)
        joined = self.joined(self._starts(name, value))
        return replace(joined, grouped=f"{self.grouped}.group({name}={value!r})")

    def stack(self, *others: Spectrum, weights: str | None = None) -> Spectrum:
        """Return one spectrum from several: the sum of their counts, or the mean of their rates.

        Poisson counts of sources and backgrounds add up with their exposures; rates with Gaussian
        errors are averaged. The response is averaged with the same weights. To keep differences
        between spectra, fit them together instead: ``oda.fit([first, second], ...)``.

        Parameters
        ----------
        others
            Spectra of the same instrument in the same channels.
        weights
            Weights of rates. "exposure", the default, gives the mean over all live time, correct
            for variable sources too. "variance" gives the smallest error for a constant source;
            each spectrum has one weight for all channels, so that the shape is not distorted.

        Returns
        -------
        Spectrum
            Spectrum of the source of the first one. Only good channels contribute; a channel is
            good if it is good in at least one spectrum.

        Raises
        ------
        BadParameter
            If one is not a spectrum, if instruments, channels or energies differ, if only some have
            a background, or if weights are given for counts.

        Examples
        --------
        >>> whole = spectrum.stack(spectrum)
        >>> whole.observation.live_time == 2 * spectrum.observation.live_time
        True
        """
        return stacked(self, others, weights)

    def joined(self, starts: Starts) -> Spectrum:
        """Return the spectrum with given groups of channels.

        Parameters
        ----------
        starts
            Index of the first channel of each group, shape (n_groups,), increasing from 0.

        Raises
        ------
        BadParameter
            If they do not increase from 0, or exceed the last channel.

        Examples
        --------
        >>> import numpy as np
        >>> spectrum = site.spectra(catalog=["SGR 1935+2154"])["SGR 1935+2154"]
        >>> len(spectrum.joined(np.array([0, 100, 200])).rate)
        3
        """
        starts = checked_starts(starts, len(self.rate))
        groups = self._groups(starts)
        counts = self.counts
        fraction = groups.total(self.systematic_error * np.abs(self.rate))
        rate = groups.total(self.rate)
        return replace(
            self,
            rate=rate,
            error=self.error_of_sums(groups),
            quality=np.minimum.reduceat(self.quality, starts),
            systematic_error=fraction / np.maximum(groups.total(np.abs(self.rate)), _TINY),
            response=self.response.joined(groups),
            background=self._joined_background(groups),
            counts=None if counts is None else groups.counts(counts, counts.exposure),
            grouping=None,
            common_error=None if self.common_error is None else groups.total(self.common_error),
        )

    def _groups(self, starts: Starts) -> Groups:
        return groups(starts, self.good, self.counts)

    def _joined_background(self, groups: Groups) -> Background | None:
        background = self.background
        if background is None:
            return None
        counts = None
        if background.counts is not None and self.counts is not None:
            counts = groups.counts(background.counts, self.counts.exposure)
        return Background(
            groups.total(background.rate), groups.root_of_squares(background.error), counts
        )

    def _starts(self, name: str, value: float) -> Starts:
        good = self.good
        if name == "channels":
            return starts_by_number(len(self.rate), whole_number(name, value, 1))
        if name == "min_snr":
            least = number_within(name, value, 0.0, 1e6)
            background = self.background or Background(np.zeros(len(good)), np.zeros(len(good)))
            variance = self.error**2 + background.error**2
            net = np.where(good, self.rate - background.rate, 0.0)
            found = starts_by_significance(net, np.where(good, variance, 0.0), least)
            return apart_from_bad(found, good)
        if self.counts is None:
            limit = f"{self.name} holds rates with errors of their own, not counts"
            raise BadParameter(name, value, limit, "Write min_snr=... or channels=...")
        least = whole_number(name, value, 1)
        return apart_from_bad(starts_by_sum(np.where(good, self.counts.number, 0.0), least), good)

    @classmethod
    def read(
        cls,
        path: str | os.PathLike[str],
        rmf: str | os.PathLike[str] | None = None,
        arf: str | os.PathLike[str] | None = None,
        background: str | os.PathLike[str] | Literal[False] | None = None,
        *,
        source: str | None = None,
        row: int | None = None,
    ) -> Spectrum:
        """Read an OGIP spectrum with its response.

        Parameters
        ----------
        path
            File of the spectrum (PHA).
        rmf, arf
            Files of the redistribution matrix and of the effective area. By default those that the
            header names (RESPFILE, ANCRFILE), if they are in the same folder.
        background
            File of the background. By default the one that the header names (BACKFILE), if it is in
            the same folder; False for no background.
        source
            Source to choose if the file has several spectra; the name to use if the file states
            none, by default the name of the file.
        row
            Spectrum to choose, from 1: the row of a file of type II, or one of several without
            names.

        Raises
        ------
        BadParameter
            If a file does not exist, is not named, or does not belong to the others, or if there
            are several spectra and none is chosen; the message lists them.
        DamagedFile
            If a file is truncated, of another kind, or inconsistent.

        Warns
        -----
        FileWarning
            If the background or the area that the header names does not exist, or channels are
            matched in order because their numbers differ from those of the response.

        Examples
        --------
        >>> spectrum.write("magnetar.fits")
        >>> oda.Spectrum.read("magnetar.fits", rmf="magnetar_rmf.fits").name
        'SGR 1935+2154'
        """
        return abilities().read(
            Spectrum, path, rmf=rmf, arf=arf, background=background, source=source, row=row
        )


def _only_one(**options: float | None) -> tuple[str, float]:
    """Check that exactly one option is given, and return its name and value."""
    given = [(name, value) for name, value in options.items() if value is not None]
    if len(given) != 1:
        names = ", ".join(name for name, _ in given) or "nothing"
        advice = "Write for example group(min_counts=20)."
        raise BadParameter("group", names, f"one of {', '.join(options)} is needed", advice)
    return given[0]
