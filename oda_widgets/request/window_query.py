"""The query for science windows, as a frozen value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from oda_widgets.errors import BadParameter
from oda_widgets.request.identity import identity
from oda_widgets.request.instrument import Instrument
from oda_widgets.request.instruments import described
from oda_widgets.request.numbers import number_within, whole_number
from oda_widgets.request.source import Source
from oda_widgets.request.timespan import SWAP_OR_EXTEND

_RADIUS = cast("float", None)  # stands for the radius of the instrument


@dataclass(frozen=True, kw_only=True)
class WindowQuery:
    """Ask for the science windows that satisfy all given conditions.

    Parameters
    ----------
    source, radius
        Only windows that point within `radius` degrees of `source`; by default the radius is that
        of the instrument.
    start, stop
        Only windows that overlap ``start <= t < stop``, IJD days.
    limit
        Largest number of windows, chosen at random; None for all.
    seed
        Seed of the random choice; the same seed gives the same choice.
    instrument
        Only windows in which this instrument was on.

    Raises
    ------
    BadParameter
        If a condition is not valid.

    Examples
    --------
    >>> WindowQuery(start=1000.0, stop=900.0)
    Traceback (most recent call last):
        ...
    oda_widgets.errors.BadParameter: stop=900.0: not after start=1000.0. Swap ...
    """

    source: Source | None = None
    radius: float = _RADIUS
    start: float | None = None
    stop: float | None = None
    limit: int | None = None
    seed: int = 0
    instrument: str = "isgri"

    def __post_init__(self) -> None:
        if self.source is not None and not self.source.has_position:
            advice = 'Resolve its name: source=site.resolve("Crab").'
            raise BadParameter("source", self.source.name, "its position is not known", advice)
        instrument = described(self.instrument)
        whole_number("seed", self.seed, least=0)
        if self.limit is not None:
            whole_number("limit", self.limit, least=1)
        object.__setattr__(self, "radius", _checked_radius(self.radius, instrument))
        _check_span(self.start, self.stop)

    @property
    def identity(self) -> str:
        """Hex SHA-256 of the query."""
        place = None if self.source is None else [self.source.ra, self.source.dec, self.radius]
        # Identities of ISGRI's queries are older than the parameter, so they do not hold it.
        instrument = [] if self.instrument == "isgri" else [self.instrument]
        values = [place, self.start, self.stop, self.limit, self.seed]
        return identity(["science windows", *values, *instrument])


def _checked_radius(radius: float | None, instrument: Instrument) -> float:
    if radius is None:
        return instrument.radius
    angle = number_within("radius", radius, 0, 180, "deg")
    if angle == 0:
        advice = f"Give {instrument.radius:g}."
        raise BadParameter("radius", radius, "nothing lies within zero degrees", advice)
    return angle


def _check_span(start: float | None, stop: float | None) -> None:
    if start is not None and stop is not None and not start < stop:
        raise BadParameter("stop", stop, f"not after start={start}", SWAP_OR_EXTEND)
