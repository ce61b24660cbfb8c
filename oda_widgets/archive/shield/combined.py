"""Several archives of counts of the shield as one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TypeVar

from oda_widgets.archive.shield.base import ShieldArchive, ShieldData
from oda_widgets.errors import EmptySelection

T = TypeVar("T")


class CombinedShield:
    """The first of several archives that has counts: list those of real data first.

    Parameters
    ----------
    archives
        In order of preference, at least one.
    """

    def __init__(self, archives: Sequence[ShieldArchive]) -> None:
        self._archives = tuple(archives)

    def data(self, start: float, stop: float) -> ShieldData:
        """Return the counts between two instants from the first archive that has any.

        Raises
        ------
        EmptySelection
            If none has.
        """
        return self._first(lambda archive: archive.data(start, stop))

    def are_simulated(self, start: float, stop: float) -> bool:
        """Return whether these counts are simulated; errors are those of `data`."""
        return self._first(lambda archive: archive.are_simulated(start, stop))

    def content(self, start: float, stop: float) -> str:
        """Return the identity of those counts; errors are those of `data`."""
        return self._first(lambda archive: archive.content(start, stop))

    def _first(self, of: Callable[[ShieldArchive], T]) -> T:
        *others, last = self._archives
        for archive in others:
            with suppress(EmptySelection):
                return of(archive)
        return of(last)
