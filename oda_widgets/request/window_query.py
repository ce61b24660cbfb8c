"""The query for science windows, as a frozen value."""

from __future__ import annotations

from dataclasses import dataclass

from oda_widgets.errors import BadParameter
from oda_widgets.request.identity import identity
from oda_widgets.request.numbers import number_within, whole_number
from oda_widgets.request.source import Source
from oda_widgets.request.timespan import isot_utc

DEFAULT_RADIUS = 15.0  # degrees: beyond it a source casts no mask shadow on ISGRI


@dataclass(frozen=True, kw_only=True)
class WindowQuery:
    """Ask for the science windows that satisfy all conditions.

    Parameters
    ----------
    source, radius
        Only windows that point within `radius` degrees of `source`.
    start, stop
        Only windows that overlap ``start <= t < stop``, IJD days.
    limit
        Take at most so many, at random; None takes all.
    seed
        Seed of the random choice: the same seed gives the same choice.

    Raises
    ------
    BadParameter
        If a condition makes no sense.

    Examples
    --------
    >>> WindowQuery(start=1000.0, stop=900.0)
    Traceback (most recent call last):
        ...
    oda_widgets.errors.BadParameter: stop='2002-06-18T23:58:55.816': stop must be after start. ...
    """

    source: Source | None = None
    radius: float = DEFAULT_RADIUS
    start: float | None = None
    stop: float | None = None
    limit: int | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        if self.source is not None and not self.source.has_position:
            advice = 'Resolve its name: source=site.resolve("Crab").'
            raise BadParameter("source", self.source.name, "its position is not known", advice)
        whole_number("seed", self.seed, least=0)
        if self.limit is not None:
            whole_number("limit", self.limit, least=1)
        object.__setattr__(self, "radius", _checked_radius(self.radius))
        _check_span(self.start, self.stop)

    @property
    def identity(self) -> str:
        """Hex SHA-256 of the query."""
        place = None if self.source is None else [self.source.ra, self.source.dec, self.radius]
        return identity(["science windows", place, self.start, self.stop, self.limit, self.seed])


def _checked_radius(radius: float) -> float:
    angle = number_within("radius", radius, 0, 180, "deg")
    if angle == 0:
        raise BadParameter("radius", radius, "nothing lies within zero degrees", "Give 15.")
    return angle


def _check_span(start: float | None, stop: float | None) -> None:
    if start is not None and stop is not None and not start < stop:
        limit = "stop must be after start"
        raise BadParameter("stop", isot_utc(stop), limit, "Swap start and stop.")
