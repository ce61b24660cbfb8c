"""Read counts of the shield from the science windows of an archive folder.

They are raw telemetry: ``ACS_RATE`` of the table SPI.-OACS-HRW, one row a bin of 50 ms, and the
time on board of each row, ``OB_TIME`` of SPI.-OACS-CNV, both in files of housekeeping whose names
begin with ``spi``. Times on board count from OBTSTART, the start of the science window. The time of
a row is the middle of its bin, as in the ISDC's services.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from oda_widgets.archive.isdc import IsdcArchive
from oda_widgets.archive.layout import locate
from oda_widgets.archive.shield.base import ShieldData
from oda_widgets.archive.shield.pieces import together
from oda_widgets.errors import DamagedFile, EmptySelection
from oda_widgets.files import read_regular
from oda_widgets.products.shield import LARGEST_COUNT, NATIVE_BIN, ShieldCounts
from oda_widgets.request.science_windows import ScienceWindow
from oda_widgets.request.timespan import SECONDS_PER_DAY

if TYPE_CHECKING:
    from astropy.io import fits

_COUNTS, _TIMES = "SPI.-OACS-HRW", "SPI.-OACS-CNV"
_PATTERNS = ("spi*hk*.fits*", "spi*acs*.fits*", "raw/spi*hk*.fits*", "raw/spi*acs*.fits*")
_TICKS = 2**20  # ticks of the on-board clock in a second
_WORDS = 2.0 ** np.array([48, 32, 16, 0])
_NEXT = "Fetch its files of housekeeping again."


class ShieldFolder:
    """The counts of the shield in a folder in the layout of the ISDC.

    Parameters
    ----------
    archive
        The folder.
    """

    def __init__(self, archive: IsdcArchive) -> None:
        self._archive = archive

    def data(self, start: float, stop: float) -> ShieldData:
        """Return the counts of the science windows between two instants, IJD days.

        Raises
        ------
        EmptySelection
            If no window has any.
        DamagedFile
            If a file cannot be read.
        """
        found = [_read(window, files) for window, files in self._files(start, stop)]
        counts = together([one for one in found if one is not None]).between(start, stop)
        if not len(counts):
            raise self._nothing()
        return ShieldData(counts, "Counts from the telemetry of the science windows.")

    def are_simulated(self, start: float, stop: float) -> bool:
        """Return False: these are telemetry. Errors are those of `content`."""
        self.content(start, stop)
        return False

    def content(self, start: float, stop: float) -> str:
        """Return the digest of the files with these counts; errors are those of `data`."""
        digest = hashlib.sha256(f"{start!r} {stop!r}".encode())
        files = [path for _, paths in self._files(start, stop) for path in paths]
        if not files:
            raise self._nothing()
        for path in files:
            digest.update(read_regular(path))
        return digest.hexdigest()

    def _files(self, start: float, stop: float) -> Iterator[tuple[ScienceWindow, list[Path]]]:
        """Iterate over the windows between two instants that have files of housekeeping."""
        for window in self._archive.science_windows():
            if window.start < stop and window.stop > start:
                folder = locate(self._archive.root, window.id).path.parent
                files = sorted({p for pattern in _PATTERNS for p in folder.glob(pattern)})
                if files:
                    yield window, files

    def _nothing(self) -> EmptySelection:
        problem = f"The {self._archive.name} has no counts of SPI-ACS in this time."
        return EmptySelection(problem, f"They are looked for in the tables {_COUNTS}.")


def _read(window: ScienceWindow, files: list[Path]) -> ShieldCounts | None:
    """Return the counts of a science window; None if its files have none."""
    # Imports of astropy.
    from oda_widgets.products.files.columns import needed_floats  # noqa: PLC0415
    from oda_widgets.products.files.container import damage_reported  # noqa: PLC0415

    found = _tables(files)
    if _COUNTS not in found:
        return None
    with damage_reported(files[0]):
        if _TIMES not in found:
            problem = f"Science window {window.id} has {_COUNTS} without {_TIMES}."
            raise DamagedFile(problem, _NEXT)
        counts = needed_floats(found[_COUNTS], "ACS_RATE")
        ticks = needed_floats(found[_TIMES], "OB_TIME", lists=True) @ _WORDS
        begin = _clock_at_start(window, found)
    if len(counts) != len(ticks) or not ((counts >= 0) & (counts < LARGEST_COUNT)).all():
        problem = f"The counts of SPI-ACS of science window {window.id} are not one per bin."
        raise DamagedFile(problem, _NEXT)
    seconds = (ticks - begin) / _TICKS - NATIVE_BIN / 2
    return together([ShieldCounts.native(window.start + seconds / SECONDS_PER_DAY, counts)])


def _tables(files: list[Path]) -> dict[str, fits.BinTableHDU]:
    from oda_widgets.products.files.container import decode, tables  # noqa: PLC0415 - as above

    hdus = [hdu for path in files for hdu in tables(decode(path))]
    return {hdu.name: hdu for hdu in hdus if hdu.name in {_COUNTS, _TIMES}}


def _clock_at_start(window: ScienceWindow, found: dict[str, Any]) -> float:
    """Return the time on board at the start of a science window, ticks."""
    from oda_widgets.products.files.cards import text_value  # noqa: PLC0415 - as above

    for name in (_COUNTS, _TIMES):
        stated = text_value(found[name].header, "OBTSTART")
        if stated is not None and stated.isdecimal():
            return float(int(stated))
    problem = f"Science window {window.id} does not say when its clock started (OBTSTART)."
    raise DamagedFile(problem, _NEXT)
