"""The files of a product, which are written with its JSON and downloaded by name."""

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
    """Write a product as the files that a dispatcher offers, all of them or none.

    An image is a mosaic, its catalogue and the catalogue's regions; a spectrum has its response
    beside it.

    Parameters
    ----------
    product
        The product.
    folder
        Folder of the files; an existing one is replaced.

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
    """Return the files of a product by name, in the order in which they are offered."""
    if not folder.is_dir():
        return {}
    found = [path for path in folder.iterdir() if path.is_file() and not path.is_symlink()]
    return {path.name: path for path in sorted(found)}


def remove_files(folder: Path) -> None:
    """Remove the files of a product, or what stands in their place; nothing that a link names."""
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
    names = _distinct(part.name for part in parts)
    for part, name in zip(parts, names, strict=True):
        kind = "lc" if isinstance(part, LightCurve) else "spectrum"
        part.write(folder / f"{_prefix(part)}_{kind}_{name}.fits")


def _prefix(product: Any) -> str:
    """Return what dispatchers call the instrument of a product."""
    return described(product.observation.instrument).wire.instrument


def _distinct(sources: Iterator[str]) -> Iterator[str]:
    """Iterate over names of sources as parts of file names, safe in addresses and everywhere."""
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
    """Give a folder its name, even while a worker whose server was killed gives it to another."""
    for tries_left in reversed(range(_TRIES)):
        remove_files(folder)
        try:
            draft.rename(folder)
        except OSError as error:
            if error.errno not in _TAKEN or not tries_left:
                raise
        else:
            return
