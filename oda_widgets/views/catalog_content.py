"""Catalogues as the content of files that users open and save on the page."""

from __future__ import annotations

import warnings
from pathlib import Path, PurePath
from tempfile import TemporaryDirectory

from oda_widgets.errors import DamagedFile, FileWarning, OdaError
from oda_widgets.request.catalog import SourceCatalog

_LONGEST_SUFFIX = 12


def catalog_of(name: str, content: bytes) -> tuple[SourceCatalog, str]:
    """Return the catalogue in a file, and the warnings of its reader.

    Parameters
    ----------
    name
        Name of the file; its suffix decides the format.
    content
        Bytes of the file.

    Raises
    ------
    DamagedFile
        If it cannot be read.
    """
    suffix = "".join(PurePath(name).suffixes[-2:])[-_LONGEST_SUFFIX:]
    with TemporaryDirectory() as folder, warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        path = Path(folder) / f"catalogue{suffix}"
        path.write_bytes(content)
        try:
            catalog = SourceCatalog.read(path)
        except OdaError as error:
            problem, advice = (
                text.replace(str(path), name).replace(folder, "its folder")
                for text in (error.problem, error.advice)
            )
            raise DamagedFile(problem, advice) from None
    notes = (str(one.message) for one in caught if issubclass(one.category, FileWarning))
    return catalog, " ".join(notes)


def content_of(catalog: SourceCatalog, suffix: str) -> bytes:
    """Return a catalogue as the content of a file, for example with the suffix ".reg"."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"catalogue{suffix}"
        catalog.save(path)
        return path.read_bytes()
