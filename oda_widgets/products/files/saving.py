"""Save values in the format that the suffix of the file names."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import singledispatch
from io import StringIO
from itertools import chain, count
from pathlib import Path
from typing import Any

from oda_widgets.abilities import abilities
from oda_widgets.errors import BadParameter
from oda_widgets.files import check_target, write_files
from oda_widgets.products.burst import Burst
from oda_widgets.products.burst_table import burst_table
from oda_widgets.products.by_source import BySource
from oda_widgets.products.curve_bursts import Bursts
from oda_widgets.products.files.catalog_file import write_catalog
from oda_widgets.products.files.suffixes import FIGURES, FITS, TABLES, path_with_suffix
from oda_widgets.products.files.writing import Contents, checked_contents, write
from oda_widgets.products.light_curve import LightCurve
from oda_widgets.products.spectrum import Spectrum
from oda_widgets.provenance.record import Provenance
from oda_widgets.request.catalog import SourceCatalog
from oda_widgets.request.options import refuse_options
from oda_widgets.request.paths import PathLike, file_path
from oda_widgets.request.words import counted

_PROV_JSON = ".json"
_OF_FILES = re.compile(r"\.[a-z][a-z0-9]{1,4}")  # suffixes that promise a file, not a folder
_NOT_IN_NAMES = re.compile(r"[^0-9A-Za-z.+-]+")


@singledispatch
def save(product: Any, path: PathLike, *, overwrite: bool, **options: Any) -> None:
    """Write a product as FITS, or its figure as PDF, PNG or SVG (see `Product.save`)."""
    target, suffix = path_with_suffix(path, (*FITS, *FIGURES))
    if suffix in FITS:
        write(product, target, overwrite=overwrite, **options)
    else:
        check_target(target, overwrite=overwrite)
        write_files({target: _picture(product, suffix, **options)}, overwrite=overwrite)


@save.register
def _(products: BySource, path: PathLike, *, overwrite: bool, **options: Any) -> None:  # type: ignore[type-arg]  # of whatever it is
    """Write a file of each product into a folder, or the figure of all (see `BySource.save`)."""
    target = file_path("path", path)
    suffix = target.suffix.lower()
    if suffix in FIGURES:
        write_files({target: _picture(products, suffix, **options)}, overwrite=overwrite)
        return
    if target.name.lower().endswith(FITS):
        limit = f"{counted(len(products), 'product')} go into a folder, not into one file"
        raise BadParameter("path", str(path), limit, "Give the name of a folder.")
    if _OF_FILES.fullmatch(suffix) and not target.is_dir():
        limit = f"{counted(len(products), 'product')} go into a folder of FITS files, or one figure"
        advice = f"Give the name of a folder without {suffix}, or end it in {', '.join(FIGURES)}."
        raise BadParameter("path", str(path), limit, advice)
    contents: Contents = {}
    for stem, product in file_stems(products.values()).items():
        contents |= checked_contents(product, target / f"{stem}.fits", **options)
    _make_folder(target)
    write_files(contents, overwrite=overwrite)


def file_stems(products: Iterable[LightCurve | Spectrum]) -> dict[str, LightCurve | Spectrum]:
    """Return products by distinct names for their files, without suffix, valid on all systems."""
    named: dict[str, LightCurve | Spectrum] = {}
    for product in products:
        what = "spectrum"
        if isinstance(product, LightCurve):
            what = f"light_curve_{product.energy.low:g}-{product.energy.high:g}_keV"
        stem = f"{_NOT_IN_NAMES.sub('_', product.name).strip('_.') or 'source'}_{what}"
        taken = {name.casefold() for name in named}
        numbers = (f"{stem}_{number}" for number in count(2))
        named[next(name for name in chain([stem], numbers) if name.casefold() not in taken)] = (
            product
        )
    return named


def _make_folder(path: Path) -> None:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        limit = f"no folder can be made there ({error.strerror or error})"
        raise BadParameter("path", str(path), limit, "Choose another folder.") from None


@save.register
def _(burst: Burst, path: PathLike, *, overwrite: bool, **options: Any) -> None:
    """Write the figure of a burst as PDF, PNG or SVG (see `Burst.save`)."""
    target, suffix = path_with_suffix(path, FIGURES)
    check_target(target, overwrite=overwrite)
    write_files({target: _picture(burst, suffix, **options)}, overwrite=overwrite)


@save.register
def _(bursts: Bursts, path: PathLike, *, overwrite: bool, source: Any = None) -> None:
    """Write the table of bursts as CSV or ECSV (see `Bursts.save`)."""
    target, suffix = path_with_suffix(path, tuple(TABLES))
    text = StringIO()
    burst_table(bursts, source).write(text, format=TABLES[suffix])
    write_files({target: text.getvalue().encode()}, overwrite=overwrite)


@save.register
def _(provenance: Provenance, path: PathLike, *, overwrite: bool, **options: Any) -> None:
    """Write a history as PROV-JSON, or its graph as PDF, PNG or SVG (see `Provenance.save`)."""
    target, suffix = path_with_suffix(path, (_PROV_JSON, *FIGURES))
    if suffix == _PROV_JSON:
        refuse_options(options, "PROV-JSON")
        content = provenance.prov_json().encode()
    else:
        content = _picture(provenance, suffix, **options)
    write_files({target: content}, overwrite=overwrite)


@save.register
def _(catalog: SourceCatalog, path: PathLike, *, overwrite: bool) -> None:
    """Write a catalogue (see `SourceCatalog.save`)."""
    write_catalog(catalog, path, overwrite=overwrite)


def _picture(value: Any, suffix: str, **options: Any) -> bytes:
    return abilities().picture(value, suffix.removeprefix("."), **options)
