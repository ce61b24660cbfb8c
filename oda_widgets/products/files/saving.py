"""Saving a product as whatever the suffix of the file says."""

from __future__ import annotations

from typing import Protocol

from oda_widgets.products.files.atomic import write_files
from oda_widgets.products.files.suffixes import FIGURES, FITS, path_with_suffix
from oda_widgets.products.show import picture
from oda_widgets.provenance.record import Provenance
from oda_widgets.request.paths import PathLike

_PROV_JSON = ".json"


class _Writable(Protocol):
    def write(self, path: PathLike, *, overwrite: bool = False) -> None: ...


def save(product: _Writable, path: PathLike, *, overwrite: bool) -> None:
    """Write a product as FITS, or its figure as PDF, PNG or SVG (see `Product.save`)."""
    target, suffix = path_with_suffix(path, (*FITS, *FIGURES))
    if suffix in FITS:
        product.write(target, overwrite=overwrite)
    else:
        write_files({target: picture(product, suffix.lstrip("."))}, overwrite=overwrite)


def save_history(provenance: Provenance, path: PathLike, *, overwrite: bool) -> None:
    """Write a history as PROV-JSON, or its graph as PDF, PNG or SVG (see `Provenance.save`)."""
    target, suffix = path_with_suffix(path, (_PROV_JSON, *FIGURES))
    if suffix == _PROV_JSON:
        content = provenance.prov_json().encode()
    else:
        content = picture(provenance, suffix.lstrip("."))
    write_files({target: content}, overwrite=overwrite)
