"""Combine the observations of several products."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import chain

from oda_widgets.products.observation import Observation
from oda_widgets.request.timespan import merge


def observation_of_all(seen: Sequence[Observation]) -> Observation:
    """Return the combined observation of several products.

    Times add up, and notes are joined without repetition. Correction and systematic error of the
    rates are the largest of all.

    Parameters
    ----------
    seen
        Observations of one instrument, at least one.
    """
    first = min(seen, key=lambda one: one.start)

    def notes(name: str, separator: str = " ") -> str:
        given = (getattr(one, name) for one in seen)
        return separator.join(dict.fromkeys(note for note in given if note))

    return replace(
        first,
        science_windows=tuple(dict.fromkeys(chain(*(one.science_windows for one in seen)))),
        stop=max(one.stop for one in seen),
        ontime=sum(one.ontime for one in seen),
        live_time=sum(one.live_time for one in seen),
        dead_time_note=notes("dead_time_note"),
        pixels_note=notes("pixels_note"),
        sources_note=notes("sources_note"),
        intervals=merge(chain(*(one.intervals for one in seen))),
        skipped=tuple(dict.fromkeys(chain(*(one.skipped for one in seen)))),
        simulated=any(one.simulated for one in seen),
        available=_windows_to_choose_from(seen),
        energies=notes("energies", "+"),
        energies_note=notes("energies_note"),
        intervals_note=notes("intervals_note"),
        weights_note=notes("weights_note"),
        rates_note=notes("rates_note"),
        correction=max(one.correction for one in seen),
        rates_error=max(one.rates_error for one in seen),
    )


def _windows_to_choose_from(seen: Sequence[Observation]) -> int:
    """Return the number of windows to choose from; 0 if all were taken."""
    if not any(one.available for one in seen):
        return 0
    return sum(one.available or len(one.science_windows) for one in seen)
