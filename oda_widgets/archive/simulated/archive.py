"""The simulated mission behind the protocol of archives."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from os import PathLike
from pathlib import Path

from oda_widgets.archive.calibration import NO_CALIBRATION, CalibrationFiles
from oda_widgets.archive.layout import missing_window
from oda_widgets.archive.raw_window import RawWindow
from oda_widgets.archive.simulated.plan import mission, windows_by_stem
from oda_widgets.archive.simulated.window import epoch_of, simulate
from oda_widgets.archive.usable import usable_events
from oda_widgets.archive.write import write_isdc
from oda_widgets.instruments.events import WindowEvents
from oda_widgets.provenance.code_version import code_version
from oda_widgets.request.numbers import whole_number
from oda_widgets.request.science_windows import ScienceWindow, SkippedWindow, parse_identifier


class SimulatedArchive:
    """Every pointing of INTEGRAL's real observations from 2002 to 2022, with simulated events.

    A window is simulated on demand, always the same for the same seed.

    Parameters
    ----------
    seed
        Seed of the detector, its background and the photons; the pointings and the sky are the same
        for all seeds.

    Raises
    ------
    BadParameter
        If the seed is not a whole number of zero or more.
    """

    def __init__(self, seed: int = 0) -> None:
        self.seed = whole_number("seed", seed, least=0)

    @property
    def name(self) -> str:
        """Name for use in a sentence."""
        return "simulated mission" if self.seed == 0 else f"simulated mission (seed {self.seed})"

    @property
    def address(self) -> str:
        """Argument of ``connect(archive=...)`` that opens this archive."""
        return "simulated" if self.seed == 0 else f"simulated:{self.seed}"

    def science_windows(self) -> tuple[ScienceWindow, ...]:
        """Return all windows, in order of time."""
        return mission()

    def unusable_windows(self) -> tuple[SkippedWindow, ...]:
        """Return an empty tuple: simulated windows are always usable."""
        return ()

    def events(self, identifier: str) -> WindowEvents:
        """Return the usable events of a window, given with or without version.

        Raises
        ------
        BadParameter
            If the identifier is malformed.
        ArchiveError
            If the mission has no such window.
        """
        raw = self.raw(identifier)
        events = usable_events(raw, f"The {self.name}")
        return replace(events, live_fraction=epoch_of(raw.window).live_fraction)

    def content(self, identifier: str) -> str:
        """Return the digest of all inputs of a simulated window: identifier, seed and code."""
        window = self._window(identifier)
        origin = f"{window.id} {self.seed} {code_version(__name__)}"
        return hashlib.sha256(origin.encode()).hexdigest()

    def version(self, identifier: str) -> str:
        """Return the version of the code that gives the events of a window."""
        del identifier  # all windows are made alike
        return code_version(__name__)

    def calibration(self, window: ScienceWindow) -> CalibrationFiles:
        """Return no files: simulated energies need no calibration."""
        del window
        return NO_CALIBRATION

    def raw(self, identifier: str) -> RawWindow:
        """Return a window with all its events; parameters and errors are those of `events`."""
        return simulate(self._window(identifier), self.seed)

    def export(self, identifier: str, folder: str | PathLike[str]) -> Path:
        """Write a window into an archive in the layout of the ISDC, labelled as simulated.

        Returns
        -------
        path
            ``folder/scw/RRRR/RRRRPPPPSSSF.001/isgri_events.fits.gz``
        """
        return write_isdc(self.raw(identifier), Path(folder))

    def _window(self, identifier: str) -> ScienceWindow:
        window = windows_by_stem().get(identifier[:12])
        if window is not None and window.id == identifier:
            return window
        wanted = parse_identifier(identifier)
        window = windows_by_stem().get(wanted[:12])
        if window is None or not window.id.startswith(wanted):
            raise missing_window(wanted, windows_by_stem(), f"The {self.name}")
        return window
