"""Several places of counts of the shield as one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TypeVar

from oda_widgets.archive.shield.base import ShieldArchive, ShieldData
from oda_widgets.errors import EmptySelection

T = TypeVar("T")


class CombinedShield:
    """The first of several places that has counts: name those of real data first.

    Parameters
    ----------
    places
        In order of preference, at least one.
    """

    def __init__(self, places: Sequence[ShieldArchive]) -> None:
        self._places = tuple(places)

    def data(self, start: float, stop: float) -> ShieldData:
        """Return the counts between two instants from the first place that has any.

        Raises
        ------
        EmptySelection
            If none has.
        """
        return self._first(lambda place: place.data(start, stop))

    def are_simulated(self, start: float, stop: float) -> bool:
        """Return whether the counts between two instants are not real; errors are as of `data`."""
        return self._first(lambda place: place.are_simulated(start, stop))

    def content(self, start: float, stop: float) -> str:
        """Return the identity of those counts; errors are those of `data`."""
        return self._first(lambda place: place.content(start, stop))

    def _first(self, of: Callable[[ShieldArchive], T]) -> T:
        *others, last = self._places
        for place in others:
            with suppress(EmptySelection):
                return of(place)
        return of(last)
