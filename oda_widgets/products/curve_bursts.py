"""Search light curves for bursts in sliding windows, and measure the bursts."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from oda_widgets.abilities import abilities
from oda_widgets.errors import BadParameter, EmptySelection
from oda_widgets.products.burst import Burst
from oda_widgets.products.burst_measures import measured
from oda_widgets.products.burst_table import burst_table
from oda_widgets.products.curve_measures import CurveMeasures
from oda_widgets.products.curve_peeling import Found, find_bursts
from oda_widgets.products.curve_search import Bins, excesses, window_lengths
from oda_widgets.request.keywords import suggesting_class
from oda_widgets.request.numbers import number_within
from oda_widgets.request.timespan import SECONDS_PER_DAY, to_ijd
from oda_widgets.request.words import counted, one_line

if TYPE_CHECKING:
    from astropy.table import Table

BURST_THRESHOLD = 6.0  # sigma, not reached by chance in a year of the shield's light curve
_LEAST_THRESHOLD = 4.0  # sigma; below it noise of the shield gives a burst every minute
LONGEST_WINDOW = 13.0  # seconds; the longest window in bins of the shield has 12.8 s
_APART = 10.0  # seconds without excess between two bursts
_SHOWN = 4  # bursts in a print
_LEAST_BINS = 10  # for a meaningful search


@suggesting_class
class Bursts(tuple[Burst, ...]):
    """Bursts in order of time: a tuple that prints a line for each."""

    __slots__ = ()

    def __repr__(self) -> str:
        shown = [f"  {one.in_one_line}" for one in self[:_SHOWN]]
        more = [f"  and {len(self) - _SHOWN} more"] if len(self) > _SHOWN else []
        return "\n".join([counted(len(self), "burst"), *shown, *more])

    @property
    def table(self) -> Table:
        """The bursts as an astropy table, with the columns of `burst_table`.

        Examples
        --------
        >>> acs.bursts().table.colnames[:4]
        ['start', 'start_ijd', 'significance', 't90']
        """
        return burst_table(self)

    def save(
        self, path: str | os.PathLike[str], *, source: Any = None, overwrite: bool = False
    ) -> None:
        """Save the table of the bursts.

        Parameters
        ----------
        path
            Ends in ``.csv`` or ``.ecsv``.
        source
            Name or position of the bursts, for a column with their delays at the centre of the
            Earth (see `Burst.light_travel_time`).
        overwrite
            Replace a file that exists.

        Raises
        ------
        BadParameter
            If the suffix is not one of these, the file exists or cannot be written, or the place of
            the satellite is not known.
        UnknownSource
            If no catalogue or service knows the source.

        Examples
        --------
        >>> acs.bursts().save("bursts.ecsv", source=(60.82, -75.38))
        """
        abilities().save(self, path, overwrite=overwrite, source=source)


@suggesting_class
@dataclass(frozen=True, eq=False, repr=False)
class CurveBursts(CurveMeasures):
    """A light curve in which bursts can be searched; base of `LightCurve`."""

    def bursts(
        self,
        *,
        above: float = BURST_THRESHOLD,
        longest: float = LONGEST_WINDOW,
        apart: float = _APART,
    ) -> Bursts:
        """Return the bursts of the light curve, in order of time.

        The search compares sliding windows of 1, 2, 4, ... bins with a level that follows slow
        drifts. The threshold applies to each window: an hour of the shield has 72,000 bins, so
        that chance reaches 5 sigma every few hours, and 6 sigma once in years.

        Parameters
        ----------
        above
            Least significance of a burst in its best window, sigma, 4 or more.
        longest
            Length of the longest window, seconds.
        apart
            Least time without excess between two bursts, seconds.

        Raises
        ------
        BadParameter
            If a parameter is outside its limits.
        EmptySelection
            If there are fewer than ten bins with a rate.

        Examples
        --------
        >>> for burst in acs.bursts():  # a light curve of SPI-ACS with GRB 230307A
        ...     print(burst.trigger_utc, burst.peak)
        2023-03-07T15:44:07... (1.65... ± ...) × 10⁶ counts/s
        """
        above = number_within("above", above, _LEAST_THRESHOLD, 1e6)
        longest = number_within("longest", longest, 0, 1e6, "s")
        apart = number_within("apart", apart, 0, 1e6, "s")
        bins, zero = self._measured_bins()
        bin_length = float(np.median(bins.stop - bins.start))
        lengths = window_lengths(bin_length, len(bins), longest)
        found = excesses(bins, lengths)
        bursts = find_bursts(bins, found, lengths, above, apart)
        return Bursts(measured(self, bins, zero, one, found.quiet) for one in bursts)

    def burst(self, start: Any = None, stop: Any = None) -> Burst:
        """Return the burst at a time, or the most significant one of the light curve.

        Parameters
        ----------
        start, stop
            Start and end of the burst, see `oda_widgets.request.timespan.to_ijd`: counts are summed
            between them, and the level is fitted on both sides. By default the search (`bursts`)
            finds them.

        Raises
        ------
        BadParameter
            If only one of them is given, or `stop` is not after `start`.
        EmptySelection
            If no burst is found, or no bins are left for burst or level.

        Examples
        --------
        >>> acs.burst().t90
        28... ± ...
        >>> acs.burst("2023-03-07T15:44:00", "2023-03-07T15:45:30").counts
        (1.5186... ± ...) × 10⁷
        """
        if start is None and stop is None:
            found = self.bursts()
            if not found:
                problem = f"No burst is in the light curve of {one_line(self.name)}."
                advice = "Lower the threshold: curve.bursts(above=4.5); or give start and stop."
                raise EmptySelection(problem, advice)
            return max(found, key=lambda one: one.significance)
        if start is None or stop is None:
            name = "start" if start is None else "stop"
            raise BadParameter(name, None, "only the other end is given", "Give both, or none.")
        return self._burst_between(start, stop)

    def _burst_between(self, start: Any, stop: Any) -> Burst:
        """Return the burst between two given instants."""
        first = to_ijd(start, "start", any_mission=True)
        last = to_ijd(stop, "stop", any_mission=True)
        if not first < last:
            raise BadParameter("stop", stop, "not after start", "Give the earlier instant first.")
        bins, zero = self._measured_bins()
        begin, end = ((one - zero) * SECONDS_PER_DAY for one in (first, last))
        inside = (bins.middle >= begin) & (bins.middle < end)
        if not inside.any() or inside.all():
            which = "level around the burst" if inside.any() else "burst"
            problem = f"No bins with a rate are left for the {which}."
            raise EmptySelection(problem, f"The light curve covers {self.observation.span}.")
        places = np.flatnonzero(inside)
        whole = int(places[0]), int(places[-1])
        given = Found(*whole, inner=whole, best=whole, significance=None, trigger=whole[0])
        return measured(self, bins, zero, given, ~inside)

    def _measured_bins(self) -> tuple[Bins, float]:
        """Return the bins with a rate in order of time, and the IJD of second 0."""
        self.need_lengths()
        used = np.flatnonzero(self.measured)
        if len(used) < _LEAST_BINS:
            problem = f"{counted(len(used), 'bin')} with a rate, where {_LEAST_BINS} are needed."
            raise EmptySelection(problem, "Take shorter bins or more time.")
        order = used[np.argsort(self.time[used], kind="stable")]
        edges = self.edges[order]
        zero = float(edges[0, 0])
        start, stop = ((edges - zero) * SECONDS_PER_DAY).T
        rate, error = self.rate[order], self.error[order]
        effective = self.effective_exposure
        effective = None if effective is None else effective[order]
        return Bins(start, stop, rate, error, self.exposure[order], effective), zero
