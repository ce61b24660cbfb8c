"""The index of an archive: read the beginning of each event file once, and when it changes."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from oda_widgets.archive.event_file import read_beginning
from oda_widgets.archive.index_file import (
    Entries,
    IndexEntry,
    index_path,
    load_index,
    save_index,
)
from oda_widgets.archive.layout import EventFile, event_files
from oda_widgets.errors import ArchiveError, DataError

Progress = Callable[[int, int], None]

_MOST_THREADS = 8  # zlib releases the interpreter lock; beyond that a disk is the limit


def up_to_date_index(
    root: Path, cache_folder: Path | None, known: Entries, progress: Progress | None = None
) -> Entries:
    """Return the index of an archive, by identifier.

    Files that are new or whose size or time of modification changed are read; entries whose files
    are gone are dropped. An interruption loses only the files being read.

    Parameters
    ----------
    root
        Folder of the archive.
    cache_folder
        Where the index is kept between sessions; None does not keep it.
    known
        The entries of an earlier call; when empty, the kept index is read.
    progress
        Called with the number of files read so far and the number to read.

    Raises
    ------
    ArchiveError
        If the root is not a folder or holds no event files.
    """
    files = event_files(root)
    kept_at = index_path(cache_folder, root) if cache_folder else None
    before = known or (load_index(kept_at) if kept_at else {})
    entries = {f.id: before[f.id] for f in files if _is_current(before.get(f.id), f)}
    stale = [file for file in files if file.id not in entries]
    try:
        for done, entry in enumerate(_read_all(stale), start=1):
            entries[entry.id] = entry
            if progress:
                progress(done, len(stale))
    finally:
        if kept_at and entries != before:
            # Without a kept index the next session only takes longer.
            with suppress(OSError):
                save_index(kept_at, root, entries)
    return dict(sorted(entries.items()))


def _is_current(entry: IndexEntry | None, file: EventFile) -> bool:
    # Unreadable files are tried again.
    return (
        not file.problem
        and entry is not None
        and (entry.path, entry.size, entry.modified)
        == (
            str(file.path),
            file.size,
            file.modified,
        )
    )


def _read_all(files: Sequence[EventFile]) -> Iterator[IndexEntry]:
    pool = ThreadPoolExecutor(min(_MOST_THREADS, os.cpu_count() or 1))
    try:
        yield from pool.map(_read, files)
    finally:
        pool.shutdown(cancel_futures=True)


def _read(file: EventFile) -> IndexEntry:
    where = str(file.path)
    if file.problem:
        return IndexEntry(file.id, where, file.size, file.modified, None, file.problem)
    try:
        window = read_beginning(file.path, file.id)
    except ArchiveError as error:
        # Unreadable, not damaged: no file has the size of this entry, so it is tried again.
        return IndexEntry(file.id, where, -1, file.modified, None, str(error))
    except DataError as error:
        return IndexEntry(file.id, where, file.size, file.modified, None, str(error))
    return IndexEntry(file.id, where, file.size, file.modified, window)
