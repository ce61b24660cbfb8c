"""Saving a value as whatever the suffix of the file says."""

from __future__ import annotations

from functools import singledispatch
from typing import Any

from oda_widgets.abilities import abilities
from oda_widgets.files import write_files
from oda_widgets.products.files.catalog_file import write_catalog
from oda_widgets.products.files.suffixes import FIGURES, FITS, path_with_suffix
from oda_widgets.products.files.writing import write
from oda_widgets.provenance.record import Provenance
from oda_widgets.request.catalog import SourceCatalog
from oda_widgets.request.paths import PathLike

_PROV_JSON = ".json"


@singledispatch
def save(product: Any, path: PathLike, *, overwrite: bool) -> None:
    """Write a product as FITS, or its figure as PDF, PNG or SVG (see `Product.save`)."""
    target, suffix = path_with_suffix(path, (*FITS, *FIGURES))
    if suffix in FITS:
        write(product, target, overwrite=overwrite)
    else:
        write_files({target: _picture(product, suffix)}, overwrite=overwrite)


@save.register
def _(provenance: Provenance, path: PathLike, *, overwrite: bool) -> None:
    """Write a history as PROV-JSON, or its graph as PDF, PNG or SVG (see `Provenance.save`)."""
    target, suffix = path_with_suffix(path, (_PROV_JSON, *FIGURES))
    prov = suffix == _PROV_JSON
    content = provenance.prov_json().encode() if prov else _picture(provenance, suffix)
    write_files({target: content}, overwrite=overwrite)


@save.register
def _(catalog: SourceCatalog, path: PathLike, *, overwrite: bool) -> None:
    """Write a catalogue (see `SourceCatalog.save`)."""
    write_catalog(catalog, path, overwrite=overwrite)


def _picture(value: Any, suffix: str) -> bytes:
    return abilities().picture(value, suffix.removeprefix("."))
