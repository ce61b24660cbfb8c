"""An archive calibrated for the engine: events with energies and sensitivities of pixels.

Functions of steps receive this archive as a value and do not import it. So the version of this
module, in addition to those of the modules that it calls, is part of the history of all events.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

from oda_widgets.analysis import energies, sensitivities
from oda_widgets.analysis.recorded_events import MOST_WINDOWS, events_node
from oda_widgets.archive.base import Archive
from oda_widgets.archive.calibration import CalibrationFiles, content_of
from oda_widgets.instruments.events import WindowEvents
from oda_widgets.instruments.isgri.energies.origin import EnergyChoice
from oda_widgets.instruments.isgri.window_counts import WindowCounts
from oda_widgets.provenance.code_version import code_version
from oda_widgets.provenance.node import Node
from oda_widgets.request.science_windows import ScienceWindow, SkippedWindow


@dataclass(frozen=True)
class CalibratedArchive:
    """An archive whose events have the energies and sensitivities that the engine uses.

    Parameters
    ----------
    archive
        Source of the events.
    energies
        Choice of energies by the user.
    """

    archive: Archive
    energies: EnergyChoice = "auto"

    @property
    def name(self) -> str:
        """Name for use in a sentence."""
        return self.archive.name

    @property
    def address(self) -> str:
        """Argument of ``connect(archive=...)`` that opens this archive."""
        return self.archive.address

    def science_windows(self) -> tuple[ScienceWindow, ...]:
        """Return all windows, in order of time."""
        return self.archive.science_windows()

    def unusable_windows(self) -> tuple[SkippedWindow, ...]:
        """Return the windows whose files cannot be used, each with the reason."""
        return self.archive.unusable_windows()

    def node(self, window: ScienceWindow) -> Node:
        """Return the node of the calibrated events of a window.

        Raises
        ------
        ArchiveError
            If the archive cannot read its file.
        """
        recorded = events_node(
            window, self.archive.content(window.id), self.archive.version(window.id)
        )
        files = self.archive.calibration(window)
        node = self._energies_node(window, files, recorded)
        return _efficiency_node(node, files.rates.content)

    def events(self, identifier: str, counts: WindowCounts | None = None) -> WindowEvents:
        """Return the calibrated events of a window.

        Parameters
        ----------
        counts
            Its counts, if there are any: the sensitivity is then taken from them, not measured.

        Raises
        ------
        ArchiveError
            If the archive has no such window.
        DamagedFile
            If its file is truncated, foreign or inconsistent.
        """
        events = self.archive.events(identifier)
        files = self.archive.calibration(events.window)
        real = events.pulses is not None and not events.window.simulated
        used = energies.with_energies(events, self.energies, files)
        if counts is not None:
            known = counts.sensitivity
            return replace(used, live_fraction=counts.live_fraction, sensitivity=known)
        return sensitivities.with_sensitivity(used, files.rates, real=real)

    def _energies_node(
        self, window: ScienceWindow, files: CalibrationFiles, recorded: Node
    ) -> Node:
        if window.simulated:
            return recorded
        return _energy_node(recorded, self.energies, content_of(files))


@lru_cache(maxsize=MOST_WINDOWS)
def _energy_node(recorded: Node, choice: EnergyChoice, tables: str) -> Node:
    parameters = {"energies": choice, "tables": tables}
    return Node("ibis_isgr_energy", code_version(energies.__name__), parameters, (recorded,))


@lru_cache(maxsize=MOST_WINDOWS)
def _efficiency_node(node: Node, files: str) -> Node:
    return Node("isgri_efficiency", code_version(__name__), {"files": files}, (node,))
