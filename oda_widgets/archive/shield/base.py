"""The protocol of places where counts of the shield of SPI are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from oda_widgets.products.orbit import Place
from oda_widgets.products.shield import ShieldCounts


@dataclass(frozen=True)
class ShieldData:
    """Counts of the shield, and what is known about them.

    Parameters
    ----------
    counts
        In order of time.
    origin
        Where they are from, a sentence.
    simulated
        Whether they are not real.
    place
        Where the satellite was; None if that is not known.
    """

    counts: ShieldCounts
    origin: str
    simulated: bool = False
    place: Place | None = None


class ShieldArchive(Protocol):
    """A place where counts of the shield are."""

    def data(self, start: float, stop: float) -> ShieldData:
        """Return the counts between two instants, IJD days.

        Raises
        ------
        EmptySelection, ArchiveError
            If there are none: never, or not yet.
        DataError, ServiceError
            If they cannot be read.
        """
        ...

    def are_simulated(self, start: float, stop: float) -> bool:
        """Return whether the counts between two instants are not real, without reading them.

        Raises
        ------
        EmptySelection
            If there are none.
        """
        ...

    def content(self, start: float, stop: float) -> str:
        """Return the identity of those counts: the same for the same counts only.

        Raises
        ------
        EmptySelection
            If there are none.
        """
        ...
