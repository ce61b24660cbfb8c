"""The errors of several parameters, by name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from oda_widgets.fitting.errors.profile import Interval


class Errors(Mapping[str, Interval]):
    """Intervals by name of the parameter.

    Parameters
    ----------
    intervals
        One per parameter.
    level
        Their confidence.
    """

    def __init__(self, intervals: Mapping[str, Interval], level: float) -> None:
        self._intervals = dict(intervals)
        self.level = level

    def __getitem__(self, name: str) -> Interval:
        return self._intervals[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._intervals)

    def __len__(self) -> int:
        return len(self._intervals)

    def __repr__(self) -> str:
        lines = [f"{name}: {interval}" for name, interval in self.items()]
        return "\n".join([f"Errors at {self.level:.1%} confidence", *lines])

    @property
    def first(self) -> Interval:
        """The first of them."""
        return next(iter(self._intervals.values()))
