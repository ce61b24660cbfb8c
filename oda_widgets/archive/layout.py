"""The layout of the ISDC's archive: folders and files of a science window.

The layout is ``scw/RRRR/RRRRPPPPSSSF.VVV/isgri_events.fits.gz`` (or without ``.gz``). A root
without the level ``scw`` is accepted too; if there is one, files outside it are ignored. Of several
versions of a science window the highest with events is used (000 is the near-real-time version),
and of two files in a folder one (see `oda_widgets.archive.packed_or_not`): no science window
appears twice. An unreadable folder counts as one with events: its window exists, but cannot be
used.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from oda_widgets.archive.damage import FETCH_AGAIN, naming
from oda_widgets.archive.packed_or_not import file_in, packings
from oda_widgets.errors import ArchiveError, DamagedFile, DataError
from oda_widgets.request.science_windows import parse_identifier

_REVOLUTION = re.compile(r"\d{4}")
_WINDOW = re.compile(r"\d{12}\.\d{3}")
_EVENTS = "isgri_events.fits"
FILE_NAMES = packings(_EVENTS)
"""Names of an event file."""

_POINTING = "0"  # the twelfth digit; 1 is a slew, 2 an engineering window


@dataclass(frozen=True, slots=True)
class EventFile:
    """The file with the events of one science window.

    Parameters
    ----------
    id
        Identifier of the science window, ``RRRRPPPPSSSF.VVV``.
    path
        Path of the file.
    size
        Size in bytes.
    modified
        Time of the last modification, nanoseconds since 1970.
    problem
        Why it is unreadable, with the next step; empty if it is readable. The identifier is that of
        the revolution if its whole folder is unreadable.
    """

    id: str
    path: Path
    size: int
    modified: int
    problem: str = ""


def check_root(root: Path) -> None:
    """Raise `ArchiveError` unless a path is a folder."""
    if root.is_dir():
        return
    fault = "is a file, not a folder" if root.exists() else "does not exist"
    raise ArchiveError(f"The archive {root} {fault}.", "Give the folder that holds scw/RRRR/.")


def check_not_empty(root: Path) -> None:
    """Check that a folder is not empty; its files are read when they are needed."""
    if next(root.iterdir(), None) is None:
        raise _no_events(root, "is empty")


def event_files(root: Path) -> tuple[EventFile, ...]:
    """Return the event files of an archive, one per science window, sorted by identifier.

    Raises
    ------
    ArchiveError
        If there are none.
    """
    check_root(root)
    folders = [f for f in _folders(_revolutions(root)) if _REVOLUTION.fullmatch(f.name)]
    found = tuple(file for folder in folders for file in _files_in_revolution(folder))
    if not found:
        raise _no_events(root, "holds no science window with ISGRI events")
    return tuple(sorted(found, key=lambda file: file.id))


def locate(root: Path, identifier: str) -> EventFile:
    """Return the event file of one science window, looking into its revolution only.

    Parameters
    ----------
    root
        Folder of the archive.
    identifier
        With or without version.

    Raises
    ------
    ArchiveError
        If the archive has no such science window; the message names near matches.
    DamagedFile
        If its file is a broken link.
    """
    check_root(root)
    wanted = parse_identifier(identifier)
    present = _newest(_windows(_revolutions(root) / wanted[:4]))
    for file in present:
        if file.id.startswith(wanted):
            found = _event_file(file.path) if file.problem else file  # raises the problem
            if found is not None:
                return found
    raise missing_window(wanted, (file.id for file in present), f"The archive {root}")


def missing_window(wanted: str, present: Iterable[str], archive: str) -> ArchiveError:
    """Return the error for a science window that an archive does not have."""
    # A whole mission has too many to compare with: the nearest have the same revolution.
    neighbours = [i for i in present if i.startswith(wanted[:4])]
    near = get_close_matches(wanted, neighbours, n=3, cutoff=0.7)
    advice = f"Did you mean {' or '.join(near)}?" if near else "List its science windows first."
    return ArchiveError(f"{archive} has no events of science window {wanted}.", advice)


def event_path(root: Path, identifier: str) -> Path:
    """Return the path of the packed events of a science window in an archive."""
    return root / "scw" / identifier[:4] / identifier / FILE_NAMES[-1]


def _no_events(root: Path, fault: str) -> ArchiveError:
    advice = "Events are looked for in scw/RRRR/RRRRPPPPSSSF.VVV/isgri_events.fits.gz."
    return ArchiveError(f"The archive {root} {fault}.", advice)


def is_pointing(identifier: str) -> bool:
    """Return True if a science window is a pointing, not a slew or an engineering window."""
    return identifier[11] == _POINTING


def _revolutions(root: Path) -> Path:
    return root / "scw" if (root / "scw").is_dir() else root


def _folders(parent: Path) -> Iterator[Path]:
    # A folder may vanish while an archive is being synchronised.
    with naming(parent), suppress(FileNotFoundError), os.scandir(parent) as entries:
        yield from (Path(entry.path) for entry in entries if entry.is_dir())


def _files_in_revolution(folder: Path) -> tuple[EventFile, ...]:
    try:
        return _newest(_windows(folder))
    except DataError as error:
        return (_unreadable(folder, error),)


def _windows(revolution: Path) -> Iterator[EventFile]:
    for folder in _folders(revolution):
        if _WINDOW.fullmatch(folder.name) and folder.name.startswith(revolution.name):
            try:
                file = _event_file(folder)
            except DataError as error:
                file = _unreadable(folder, error)
            if file is not None:
                yield file


def _unreadable(folder: Path, error: DataError) -> EventFile:
    return EventFile(folder.name, folder, -1, 0, str(error))


def _event_file(folder: Path) -> EventFile | None:
    """Return the event file of a folder; None if it has none.

    Raises
    ------
    ArchiveError
        If the folder may not be read.
    DamagedFile
        If its file is a broken link.
    """
    with naming(folder):
        found = file_in(folder, _EVENTS)
    if found is None:
        for link in map(folder.joinpath, FILE_NAMES):
            if link.is_symlink():
                problem = f"{link} is a link to {link.readlink()}, which is not there."
                raise DamagedFile(problem, FETCH_AGAIN)
        return None
    path, status = found
    return EventFile(folder.name, path, status.st_size, status.st_mtime_ns)


def _newest(files: Iterable[EventFile]) -> tuple[EventFile, ...]:
    ordered = sorted(files, key=lambda file: file.id)
    return tuple({file.id[:12]: file for file in ordered}.values())
