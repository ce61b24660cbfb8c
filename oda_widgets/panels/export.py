"""A session as a notebook, and its results as a zip."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from oda_widgets.abilities import abilities
from oda_widgets.errors import EmptySelection
from oda_widgets.panels.files import Saved, file_stem
from oda_widgets.panels.query_text import kind_of, query_title
from oda_widgets.panels.session import JobRecord
from oda_widgets.products.all_sky import AllSky
from oda_widgets.products.by_source import BySource
from oda_widgets.request.instruments import described
from oda_widgets.request.python_call import call

if TYPE_CHECKING:
    from oda_widgets.panels.exported_fit import ExportedFit

_CONNECT = "site = oda.connect()"
_NOTHING = "There is no result yet."
_SUBMIT = "Submit a query first."
_PLOT = {
    "image": "image.plot()",
    "spectra": "spectra[{name!r}].plot()",
    "light_curves": "curves[{name!r}].plot()",
    "survey": "sky.figure()",
}
_MOST_SOURCES = 100


def session_notebook(
    records: Sequence[JobRecord], products: Sequence[Any] = (), fit: ExportedFit | None = None
) -> bytes:
    """Return a notebook that makes the results of a session again, from top to bottom.

    Parameters
    ----------
    records
        The jobs; those that failed or were cancelled are left out, equal queries repeated once.
    products
        Results of the session; they name the archive to connect to.
    fit
        The fit on show, if there is one.

    Raises
    ------
    EmptySelection
        If no job ended with a result.
    """
    done = {record.query.identity: record for record in records if record.status == "done"}
    if not done:
        raise EmptySelection(_NOTHING, _SUBMIT)
    cells = [
        _cell("markdown", "# A session of the INTEGRAL workbench\n\nRun the cells from the top."),
        _cell("code", f"import oda_widgets as oda\n\n{_connect_line(products)}"),
    ]
    for number, record in enumerate(done.values(), 1):
        title = query_title(record.query, record.target)
        cells.append(_cell("markdown", f"## {number}. {_escape_markdown(title)}"))
        cells.append(_cell("code", f"{call(record.query)}\n{_display_line(record)}"))
    if fit is not None:
        cells.append(_cell("markdown", f"## {_escape_markdown(fit.title)}"))
        cells += [_cell("code", text) for text in fit.cells()]
    return _notebook(cells)


def _display_line(record: JobRecord) -> str:
    """Return the last line of a cell, which displays the result of a job.

    It is a picture, which stays when the notebook is saved; JupyterLab shows no widget of a dead
    kernel.
    """
    kind = kind_of(record.query)
    plot = _PLOT[kind].format(name=_first_name(record))
    if kind == "survey":
        return plot
    return f"{plot.removesuffix('.plot()')}  # {plot} is interactive"


def _notebook(cells: Sequence[dict[str, Any]]) -> bytes:
    """Return the content of a notebook file."""
    numbered = [cell | {"id": f"cell-{number}"} for number, cell in enumerate(cells)]
    kernel = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
    content = {
        "cells": numbered,
        "metadata": {"kernelspec": kernel, "language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(content, indent=1, ensure_ascii=False).encode()


def session_zip(
    session: str,
    notebook: bytes,
    products: Sequence[tuple[Any, str]],
    fit: ExportedFit | None = None,
) -> bytes:
    """Return the results on show as a zip.

    Each has a folder with FITS (OGIP for spectra), figures, code, provenance and citation.

    Parameters
    ----------
    session
        Text of the session file.
    notebook
        Content of the notebook.
    products
        Images, and spectra and light curves by source, each with the name of its first source.
    fit
        The fit on show, if there is one: a folder of its own.

    Raises
    ------
    EmptySelection
        If there is none.
    """
    if not products:
        raise EmptySelection(_NOTHING, _SUBMIT)
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive, TemporaryDirectory() as f:
        archive.writestr("session.oda-session.json", session)
        archive.writestr("session.ipynb", notebook)
        for product, name in products:
            folder = Path(f)
            for part, draws in _single_products(product, name):
                for file, data in _files(part, folder, draws):
                    archive.writestr(f"{file_stem(part)}/{file}", data)
        for file, data in () if fit is None else fit.files():
            archive.writestr(f"fit/{file}", data)
    return content.getvalue()


def _single_products(product: Any, name: str) -> Iterator[tuple[Saved, bool]]:
    """Yield the products of single sources, and whether figures of each are drawn."""
    if not isinstance(product, BySource):
        yield product, True
        return
    first = name if name in product else next(iter(product))
    for source in list(product)[:_MOST_SOURCES]:
        yield product[source], source == first


def _files(product: Saved, folder: Path, draws: bool) -> Iterator[tuple[str, bytes]]:  # noqa: FBT001
    """Yield names and contents of the files of a product, written by way of an empty folder."""
    stem = file_stem(product)
    product.save(folder / f"{stem}.fits", overwrite=True)
    for file in sorted(folder.iterdir()):
        yield file.name, file.read_bytes()
        file.unlink()
    if draws:
        for picture_format in ("pdf", "svg"):
            yield f"{stem}.{picture_format}", abilities().picture(product, picture_format)
    if not isinstance(product, AllSky) and product.provenance is not None:
        yield "provenance.json", product.provenance.prov_json().encode()
        yield "citation.txt", product.provenance.citation().encode()
        yield "repeat.py", product.code().encode()


def _connect_line(products: Sequence[Any]) -> str:
    """Return the line that connects to the archive of the products."""
    for product in products:
        one = next(iter(product.values())) if isinstance(product, BySource) else product
        if getattr(one, "provenance", None) is not None:
            lines = one.code().splitlines()
            return next((line for line in lines if line.startswith("site = ")), _CONNECT)
    return _CONNECT


def _first_name(record: JobRecord) -> str:
    """Return the name of the source that is shown first; empty for an image or a survey."""
    if kind_of(record.query) in {"image", "survey"}:
        return ""
    names = record.query.catalog.selected.names
    if not names:  # the rate of the whole sky has the name of its instrument
        return described(record.query.instrument).label
    return record.target if record.target in names else str(names[0])


def _escape_markdown(text: str) -> str:
    """Return text whose special characters are not read as markup."""
    return "".join(f"\\{letter}" if letter in "\\`*_{}[]<>#|$&!" else letter for letter in text)


def _cell(kind: str, source: str) -> dict[str, Any]:
    extra: dict[str, Any] = {"outputs": [], "execution_count": None} if kind == "code" else {}
    return {"cell_type": kind, "metadata": {}, "source": source, **extra}
