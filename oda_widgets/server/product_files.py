"""Write the files of a product, which clients download by name."""

from __future__ import annotations

import errno
import re
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from oda_widgets.files import draft_name
from oda_widgets.products.answer import Product
from oda_widgets.products.files.catalog_file import write_catalog
from oda_widgets.products.image import SkyImage
from oda_widgets.products.light_curve import LightCurve
from oda_widgets.request.instruments import described

_LONGEST = 60  # characters of a source in the name of a file
_TRIES = 5
_TAKEN = frozenset({errno.ENOTEMPTY, errno.EEXIST})


def write_files_of(product: Product, folder: Path) -> None:
    """Write all files that a dispatcher offers for a product, or none if that fails.

    The files of an image are a mosaic, its catalogue and regions; those of spectra include their
    responses.

    Parameters
    ----------
    product
        Image, spectra or light curves.
    folder
        Folder of the files; an existing folder is replaced.

    Raises
    ------
    OdaError
        If a file cannot be written.
    """
    draft = folder.with_name(draft_name())
    draft.mkdir(parents=True)
    try:
        if isinstance(product, SkyImage):
            _write_image(product, draft)
        else:
            _write_parts(product, draft)
        _put_in_place(draft, folder)
    finally:
        remove_files(draft)


def files_in(folder: Path) -> dict[str, Path]:
    """Return the files of a product by name, in alphabetical order."""
    if not folder.is_dir():
        return {}
    found = [path for path in folder.iterdir() if path.is_file() and not path.is_symlink()]
    return {path.name: path for path in sorted(found)}


def remove_files(folder: Path) -> None:
    """Remove the folder of a product, or a file or link in its place, but not what links name."""
    shutil.rmtree(folder, ignore_errors=True)
    if folder.is_symlink() or folder.is_file():
        with suppress(OSError):
            folder.unlink()


def _write_image(image: SkyImage, folder: Path) -> None:
    image.write(folder / f"{_prefix(image)}_query_mosaic.fits")
    for suffix in (".fits", ".reg"):
        write_catalog(image.catalog, folder / f"query_catalog{suffix}")


def _write_parts(product: Any, folder: Path) -> None:
    parts = list(product.values())
    names = _distinct_names(part.name for part in parts)
    for part, name in zip(parts, names, strict=True):
        kind = "lc" if isinstance(part, LightCurve) else "spectrum"
        part.write(folder / f"{_prefix(part)}_{kind}_{name}.fits")


def _prefix(product: Any) -> str:
    """Return the dispatcher's name of the instrument of a product."""
    return described(product.observation.instrument).wire.instrument


def _distinct_names(sources: Iterator[str]) -> Iterator[str]:
    """Iterate over distinct names of sources for file names, in plain characters."""
    taken: set[str] = set()
    for source in sources:
        plain = re.sub(r"[^0-9A-Za-z.-]+", "_", source.replace("+", "p")).strip("._-")
        name = plain[:_LONGEST] or "source"
        number = 2
        while name.casefold() in taken:
            name = f"{plain[:_LONGEST]}_{number}"
            number += 1
        taken.add(name.casefold())
        yield name


def _put_in_place(draft: Path, folder: Path) -> None:
    """Rename a draft to its folder, even if a worker of a killed server writes the same folder."""
    for tries_left in reversed(range(_TRIES)):
        remove_files(folder)
        try:
            draft.rename(folder)
        except OSError as error:
            if error.errno not in _TAKEN or not tries_left:
                raise
        else:
            return
