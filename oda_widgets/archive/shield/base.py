"""The protocol of archives of counts of the shield of SPI."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from oda_widgets.products.orbit import Place
from oda_widgets.products.shield import ShieldCounts


@dataclass(frozen=True)
class ShieldData:
    """Counts of the shield, with their origin.

    Parameters
    ----------
    counts
        In order of time.
    origin
        Their source, a sentence.
    simulated
        Whether they are simulated.
    place
        Position of the satellite; None if unknown.
    """

    counts: ShieldCounts
    origin: str
    simulated: bool = False
    place: Place | None = None


class ShieldArchive(Protocol):
    """An archive of counts of the shield."""

    def data(self, start: float, stop: float) -> ShieldData:
        """Return the counts between two instants, IJD days.

        Raises
        ------
        EmptySelection, ArchiveError
            If there are none, or none yet.
        DataError, ServiceError
            If they cannot be read.
        """
        ...

    def are_simulated(self, start: float, stop: float) -> bool:
        """Return whether the counts between two instants are simulated, without reading them.

        Raises
        ------
        EmptySelection
            If there are none.
        """
        ...

    def content(self, start: float, stop: float) -> str:
        """Return the identity of those counts, equal for equal counts only.

        Raises
        ------
        EmptySelection
            If there are none.
        """
        ...
