"""The sums of a survey so far, and the file from which it resumes.

The file is replaced as a whole. A survey that was killed resumes from the last file and counts no
window twice, because one file holds both the sums and the list of their windows.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from dataclasses import asdict, astuple, dataclass, field
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

from oda_widgets.analysis.exposure import WindowAccount, accounts_of
from oda_widgets.analysis.field_of_view import pointing_of
from oda_widgets.analysis.survey_sources import SourceSums
from oda_widgets.analysis.window_image import GRID, sources_of
from oda_widgets.engine.all_sky import AllSkySums
from oda_widgets.engine.deconvolve import SkyMaps
from oda_widgets.files import open_regular, write_whole
from oda_widgets.lookup.healpix import HealpixGrid, healpix_grid
from oda_widgets.provenance.payload import Payload
from oda_widgets.request.science_windows import ScienceWindow

_MAPS = ("weighted", "weight", "exposure")
_ABBREVIATED = 16  # hex digits of ids that are only compared
_BROKEN = (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile)


@dataclass
class Account:
    """Time and origin of all windows together.

    Parameters
    ----------
    start, stop
        First and last instant of the data used, IJD days; 0 without any.
    ontime, live_time
        Seconds of good time, and of live time.
    corrected, corrected_error, error
        Sums of live seconds times the correction for photons that pixels do not record, times the
        relative error of that correction, and times the relative error of rates.
    simulated
        True if any of the windows are not real.
    energies
        Origins of the energies of events.
    """

    start: float = 0.0
    stop: float = 0.0
    ontime: float = 0.0
    live_time: float = 0.0
    corrected: float = 0.0
    corrected_error: float = 0.0
    error: float = 0.0
    simulated: bool = False
    energies: list[str] = field(default_factory=list)

    def add(self, window: WindowAccount, sign: int = 1) -> None:
        """Add the time and the origin of a window; take its seconds out again if `sign` is -1."""
        start = min(interval.start for interval in window.intervals)
        stop = max(interval.stop for interval in window.intervals)
        self.start = min(self.start, start) if self.stop else start
        self.stop = max(self.stop, stop)
        self.ontime += sign * sum(interval.seconds for interval in window.intervals)
        live_time, rates = sign * window.live_time, window.rates
        self.live_time += live_time
        self.corrected += live_time * rates.correction
        self.corrected_error += live_time * rates.correction_error
        self.error += live_time * float(np.hypot(rates.scale_error, rates.correction_error))
        self.simulated |= window.window.simulated
        self.energies = sorted({*self.energies, window.energies.method})


@dataclass(frozen=True)
class Origin:
    """The data from which the image of a window in the sums was made.

    Parameters
    ----------
    events, counts
        Ids of the nodes of its events, abbreviated, and of its counts; no counts if its image was
        made from its events.
    digest
        Digest of the image that was added.
    pointing
        Right ascension and declination of its axes X and Z, degrees.
    """

    events: str
    counts: str
    digest: str
    pointing: tuple[float, float, float, float]

    def is_of(self, events: str) -> bool:
        """Return whether it was made from the events with some id."""
        return self.events == events[:_ABBREVIATED]


def digest_of(result: Payload) -> str:
    """Return the abbreviated digest of everything that the sums take from a window's image."""
    facts = {name: result.facts[name] for name in ("accounts", "sources")}
    content = sha256(json.dumps(facts, sort_keys=True).encode())
    for name in ("flux", "variance", "coding"):
        content.update(np.ascontiguousarray(result.arrays[name]).tobytes())
    return content.hexdigest()[:_ABBREVIATED]


@dataclass
class SurveySums:
    """The sums of a survey over its windows.

    Parameters
    ----------
    sky, sources
        Sums for each pixel and for each known source.
    windows
        Identifiers of their windows, in the order in which they were added.
    origins
        Origin of the image of each window.
    account
        Total time and origin of energies.
    """

    sky: AllSkySums
    sources: SourceSums
    windows: list[str] = field(default_factory=list)
    origins: list[Origin] = field(default_factory=list)
    account: Account = field(default_factory=Account)

    @classmethod
    def empty(cls, grid: HealpixGrid) -> SurveySums:
        """Return the sums of no window."""
        return cls(AllSkySums.empty(grid), SourceSums.empty())

    def add(self, identifier: str, result: Payload, events: str = "", counts: str = "") -> None:
        """Add the image of a window.

        Parameters
        ----------
        result
            Result of its task.
        events, counts
            Ids of the nodes of its events and counts.
        """
        window = self._count(result, 1)
        axes = window.ra, window.dec, window.ra_z, window.dec_z
        self.windows.append(identifier)
        self.origins.append(Origin(events[:_ABBREVIATED], counts, digest_of(result), axes))

    def take_out(self, identifier: str, result: Payload) -> None:
        """Take the image of a window out again; it must be the one that was added."""
        place = self.windows.index(identifier)
        del self.windows[place], self.origins[place]
        if self.windows:
            self._count(result, -1)
        else:
            vars(self).update(vars(self.empty(self.sky.grid)))

    def _count(self, result: Payload, sign: int) -> ScienceWindow:
        """Add the image of a window, or take it out, and return the window."""
        (account,) = accounts_of(result.facts)
        pointing = pointing_of(account.window)
        flux, variance = result.arrays["flux"], result.arrays["variance"]
        maps = SkyMaps(flux, variance, result.arrays["coding"], np.ones_like(flux))
        change = self.sky.add if sign > 0 else self.sky.take_out
        change(maps, pointing, GRID, account.live_time)
        error = account.rates.correction_error
        self.sources.add(maps, pointing, GRID, sources_of(result.facts), error, sign)
        self.account.add(account, sign)
        return account.window

    def save(self, path: Path) -> None:
        """Write the sums into a file, only for pixels that were seen.

        Raises
        ------
        OSError
            If it cannot be written.
        """
        pixels = np.flatnonzero(self.sky.weight > 0).astype(np.int32)
        facts = {
            "nside": self.sky.grid.nside,
            "windows": self.windows,
            "origins": [astuple(origin) for origin in self.origins],
            "account": asdict(self.account),
        }
        arrays = {
            "facts": np.frombuffer(json.dumps(facts).encode(), np.uint8),
            "pixels": pixels,
            **{name: getattr(self.sky, name)[pixels] for name in _MAPS},
            **{f"source_{name}": values for name, values in vars(self.sources).items()},
        }
        content = BytesIO()
        np.savez(content, **arrays)
        write_whole(path, content.getvalue(), durable=True)

    @classmethod
    def load(cls, path: Path) -> SurveySums | None:
        """Return the sums in a file; None if it is damaged.

        Raises
        ------
        FileNotFoundError
            If there is none.
        """
        try:
            with open_regular(path) as file, np.load(file, allow_pickle=False) as arrays:
                return cls._of({name: arrays[name] for name in arrays.files})
        except FileNotFoundError:
            raise
        except _BROKEN:
            return None

    @staticmethod
    def windows_in(path: Path) -> tuple[str, ...]:
        """Return the windows in a file; none if it is damaged or missing."""
        try:
            with open_regular(path) as file, np.load(file, allow_pickle=False) as arrays:
                return tuple(json.loads(arrays["facts"].tobytes())["windows"])
        except _BROKEN:
            return ()

    @classmethod
    def _of(cls, arrays: Mapping[str, Any]) -> SurveySums:
        facts = json.loads(arrays["facts"].tobytes())
        sums = cls.empty(healpix_grid(facts["nside"]))
        for name in _MAPS:
            getattr(sums.sky, name)[arrays["pixels"]] = arrays[name]
        for name, values in vars(sums.sources).items():
            values[:] = arrays[f"source_{name}"]
        sums.windows = facts["windows"]
        sums.origins = [
            Origin(events, counts, digest, tuple(axes))
            for events, counts, digest, axes in facts["origins"]
        ]
        sums.account = Account(**facts["account"])
        return sums
