"""The error for sources that no science window of a query sees; it names windows that do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from oda_widgets.errors import BadParameter
from oda_widgets.lookup.sphere import separations
from oda_widgets.request.instruments import described
from oda_widgets.request.science_windows import ScienceWindow
from oda_widgets.request.words import listed

_SHOWN = 3


class _Named(Protocol):
    """A source: a name and a position in degrees."""

    @property
    def name(self) -> str: ...
    @property
    def ra(self) -> float: ...
    @property
    def dec(self) -> float: ...


def out_of_view(
    parameter: str,
    sources: Sequence[_Named],
    windows: Sequence[ScienceWindow],
    archive_windows: Sequence[ScienceWindow],
    instrument: str,
) -> BadParameter:
    """Return the error for sources that no window of a query sees.

    Parameters
    ----------
    parameter
        Parameter that names the sources.
    sources
        At least one.
    windows
        Windows of the query.
    archive_windows
        All windows of the archive; the error names those that would see a source.
    """
    known, nearest = described(instrument), float(np.min(_angles(windows, sources)))
    names = [source.name for source in sources]
    which = "" if len(sources) == 1 else "the nearest source is "
    limit = (
        f"{which}{nearest:.1f} deg from the nearest line of sight, outside the field of view "
        f"of {known.label}"
    )
    on = [window for window in archive_windows if window.seen_by(instrument) is not None]
    near = _angles(on, sources).min(axis=1) <= known.radius if on else np.zeros(0, bool)
    seeing = [window.id for window, sees in zip(on, near, strict=True) if sees]
    if not seeing:
        advice = f"No window of the archive points within {known.radius:g} deg: choose another."
    else:
        more = "" if instrument == "isgri" else f', instrument="{instrument}"'
        call = f'site.science_windows("{names[0]}"{more})'
        advice = f"Choose windows with {call}: {listed(seeing, _SHOWN)}."
    return BadParameter(parameter, names[0] if parameter == "source" else names, limit, advice)


def _angles(
    windows: Sequence[ScienceWindow], sources: Sequence[_Named]
) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Return the angles between windows and sources in degrees, shape (n_windows, n_sources)."""
    ra, dec = [window.ra for window in windows], [window.dec for window in windows]
    return np.stack([separations(ra, dec, source.ra, source.dec) for source in sources], axis=1)
