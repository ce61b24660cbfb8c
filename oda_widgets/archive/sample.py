"""The bundled sample: one real science window, for a first look, teaching and tests.

255900280010.001 of 2022-10-12: SGR 1935+2154 in a storm of bursts, 2,480,435 events in an hour.
It comes from the source distribution of the package `isgri` 0.7.2 (MIT licence, (c) 2025
D. P. Pacholski, see sample/LICENSE.isgri.txt). `scripts/make_sample.py` packed it.
"""

from __future__ import annotations

import hashlib
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oda_widgets.archive.calibration import NO_CALIBRATION, CalibrationFiles
from oda_widgets.archive.codec import decode, decode_window
from oda_widgets.archive.layout import missing_window
from oda_widgets.archive.raw_window import RawWindow
from oda_widgets.archive.usable import usable_events
from oda_widgets.archive.write import write_isdc
from oda_widgets.errors import DamagedFile
from oda_widgets.instruments.events import WindowEvents
from oda_widgets.provenance.code_version import code_version
from oda_widgets.request.science_windows import ScienceWindow, SkippedWindow, parse_identifier

SAMPLE_IDENTIFIER = "255900280010.001"

_DAMAGE = (OSError, EOFError, ValueError, TypeError, KeyError, zipfile.BadZipFile, zlib.error)


class SampleArchive:
    """The one science window bundled with the package, an archive that is always there."""

    @property
    def name(self) -> str:
        """Name for use in a sentence."""
        return "bundled sample"

    @property
    def address(self) -> str:
        """Argument of ``connect(archive=...)`` that opens this archive."""
        return "sample"

    def science_windows(self) -> tuple[ScienceWindow, ...]:
        """Return its one science window."""
        with _arrays() as arrays:
            return (decode_window(arrays),)

    def unusable_windows(self) -> tuple[SkippedWindow, ...]:
        """Return an empty tuple: the bundled window is always usable."""
        return ()

    def events(self, identifier: str) -> WindowEvents:
        """Return the usable events of its science window, given with or without version.

        Raises
        ------
        BadParameter
            If the identifier is malformed.
        ArchiveError
            If another window is named.
        DamagedFile
            If the installed file is damaged.
        """
        _check(identifier)
        return usable_events(self.raw(), "The bundled sample")

    def content(self, identifier: str) -> str:
        """Return the digest of its science window, given with or without version."""
        _check(identifier)
        return _content()

    def version(self, identifier: str) -> str:
        """Return the version of the code that gives its events."""
        _check(identifier)
        return code_version(__name__)

    def calibration(self, window: ScienceWindow) -> CalibrationFiles:
        """Return no files: the sample has none of OSA's tables."""
        del window
        return NO_CALIBRATION

    def raw(self) -> RawWindow:
        """Return its science window with all events as recorded."""
        with _arrays() as arrays:
            return decode(arrays)

    def export(self, folder: str | PathLike[str]) -> Path:
        """Write the sample as an archive in the layout of the ISDC.

        Returns
        -------
        path
            ``folder/scw/2559/255900280010.001/isgri_events.fits.gz``
        """
        return write_isdc(self.raw(), Path(folder))


def _check(identifier: str) -> None:
    """Raise `ArchiveError` unless the sample has a science window."""
    wanted = parse_identifier(identifier)
    if not SAMPLE_IDENTIFIER.startswith(wanted):
        raise missing_window(wanted, [SAMPLE_IDENTIFIER], "The bundled sample")


def _resource() -> Traversable:
    return files("oda_widgets.archive") / "sample" / f"{SAMPLE_IDENTIFIER}.npz"


@cache
def _content() -> str:
    return hashlib.sha256(_resource().read_bytes()).hexdigest()


@contextmanager
def _arrays() -> Iterator[Mapping[str, NDArray[Any]]]:
    """Open the packed sample; each array is unpacked when it is first used."""
    resource = _resource()
    try:
        with resource.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            yield arrays
    except _DAMAGE as error:
        problem = f"The bundled sample {resource} is damaged ({error})."
        raise DamagedFile(problem, "Install oda_widgets again.") from None
