"""Source catalogues in the dispatcher's form: a mapping with a list for each column."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from math import isfinite, nan
from typing import Any

from oda_widgets.errors import BadParameter
from oda_widgets.protocol.reply import unusable
from oda_widgets.request.catalog import KNOWN_SOURCE, SourceCatalog
from oda_widgets.request.catalog_source import CatalogSource
from oda_widgets.request.longitudes import is_longitude, within_a_turn
from oda_widgets.request.numbers import number_in

_MOST_SOURCES = 3000
OWN = ("NEW_SOURCE", "ISGRI_FLAG")
"""The columns that only catalogues of ISGRI have."""

_FRAMES = frozenset({"fk5", "icrs"})


def catalog_document(catalog: SourceCatalog, own: Sequence[str] = OWN) -> dict[str, Any]:
    """Return the selected sources of a catalogue in the dispatcher's form.

    Parameters
    ----------
    catalog
        A catalogue; sources that are not selected are left out.
    own
        Columns of `OWN` that catalogues of the instrument have.
    """
    columns: list[tuple[str, str, Callable[[int, CatalogSource], Any]]] = [
        ("meta_ID", "<i8", lambda number, _: number),
        ("src_names", "<U20", lambda _, source: source.name),
        ("significance", "<f8", lambda _, source: _or_none(source.significance)),
        ("ra", "<f8", lambda _, source: source.ra),
        ("dec", "<f8", lambda _, source: source.dec),
        ("NEW_SOURCE", "<i4", lambda _, source: 1 if source.new else KNOWN_SOURCE),
        ("ISGRI_FLAG", "<i4", lambda _, source: 2 if source.new else 1),
        ("FLAG", "<i4", lambda *_: 0),
        ("ERR_RAD", "<f8", lambda _, source: source.error_radius),
    ]
    columns = [column for column in columns if column[0] not in OWN or column[0] in own]
    sources = catalog.selected.sources
    return {
        "cat_frame": "fk5",
        "cat_coord_units": "deg",
        "cat_column_names": [name for name, _, _ in columns],
        "cat_column_list": [
            [value(number, source) for number, source in enumerate(sources)]
            for _, _, value in columns
        ],
        "cat_column_descr": [[name, dtype] for name, dtype, _ in columns],
        "cat_lat_name": "dec",
        "cat_lon_name": "ra",
    }


def catalog_text(catalog: SourceCatalog, own: Sequence[str] = OWN) -> str:
    """Return a catalogue as the value of a parameter (see `catalog_document`)."""
    return json.dumps(catalog_document(catalog, own), allow_nan=False)


def catalog_from(document: Any) -> SourceCatalog:
    """Read a catalogue that a server or a client has written.

    Parameters
    ----------
    document
        The mapping, or its JSON. Repeated names get numbers. New sources without a position, which
        catalogues of JEM-X contain, are left out; `unplaced` returns them.

    Raises
    ------
    DamagedFile
        If it is not a catalogue, or lacks names or positions.
    """
    columns, (longitude, latitude) = _columns_and_axes(document)
    placed = [row for row in _rows(columns) if not _is_unplaced(columns, longitude, latitude, row)]
    names = _distinct([str(name).strip() for name in columns["src_names"]])
    try:
        sources = [
            CatalogSource(
                name=names[row],
                ra=_right_ascension(columns, longitude, row),
                dec=_number(columns, latitude, row),
                significance=_or_nan(_number(columns, "significance", row)),
                error_radius=max(_or_zero(_number(columns, "ERR_RAD", row)), 0.0),
                new=_or_zero(_number(columns, "NEW_SOURCE", row)) > 0 or _is_new(names[row]),
            )
            for row in placed
        ]
        return SourceCatalog.of(sources)
    except BadParameter as error:
        raise unusable(f"a catalogue with {error.problem.rstrip('.')}") from error


def unplaced(document: Any) -> tuple[str, ...]:
    """Return the names of the new sources of a catalogue that have no position.

    Raises
    ------
    DamagedFile
        If it is not a catalogue.
    """
    columns, axes = _columns_and_axes(document)
    return tuple(
        str(columns["src_names"][row]).strip()
        for row in _rows(columns)
        if _is_unplaced(columns, *axes, row)
    )


def _columns_and_axes(document: Any) -> tuple[dict[str, Sequence[Any]], tuple[Any, Any]]:
    """Return the columns of a catalogue, and the names of the columns with positions."""
    if isinstance(document, str):
        try:
            document = json.loads(document)
        except (ValueError, RecursionError) as error:
            raise unusable("a catalogue that is not in JSON") from error
    columns = _columns(document)
    axes = str(document.get("cat_lon_name", "ra")), str(document.get("cat_lat_name", "dec"))
    missing = [name for name in axes if name not in columns]
    if missing:
        raise unusable(f"a catalogue without a column {missing[0]!r}", list(columns))
    return columns, axes


def _rows(columns: dict[str, Sequence[Any]]) -> range:
    return range(len(columns["src_names"]))


def _is_unplaced(
    columns: dict[str, Sequence[Any]], longitude: Any, latitude: Any, row: int
) -> bool:
    """Return whether a row is a new source without a position, which cannot be shown or fitted."""
    place = (_number(columns, longitude, row), _number(columns, latitude, row))
    return not all(map(isfinite, place)) and _is_new(str(columns["src_names"][row]).strip())


def _columns(document: Any) -> dict[str, Sequence[Any]]:
    """Check the form of a catalogue, and return its columns by name."""
    if not isinstance(document, dict):
        raise unusable("a catalogue that is no mapping", document)
    names, lists = document.get("cat_column_names"), document.get("cat_column_list")
    if not (isinstance(names, list) and isinstance(lists, list) and len(names) == len(lists)):
        raise unusable("a catalogue whose columns are not one list for each name", names)
    if not all(isinstance(column, list) for column in lists):
        raise unusable("a catalogue with a column that is no list")
    if str(document.get("cat_frame", "fk5")).lower() not in _FRAMES:
        raise unusable("a catalogue in a frame that is neither fk5 nor icrs", document["cat_frame"])
    if str(document.get("cat_coord_units") or "deg") != "deg":
        raise unusable("a catalogue in other units than degrees", document["cat_coord_units"])
    columns = dict(zip(map(str, names), lists, strict=True))
    lengths = {len(column) for column in lists}
    if "src_names" not in columns or len(lengths) != 1 or max(lengths) > _MOST_SOURCES:
        raise unusable("a catalogue without names, or with columns of several lengths", lengths)
    return columns


def _number(columns: dict[str, Sequence[Any]], name: Any, row: int) -> float:
    """Return the number in a cell; NaN if the cell or the column is absent."""
    value = columns[name][row] if name in columns else None
    if value is None:
        return nan
    try:
        number = number_in(value) if isinstance(value, str) else float(value)
    except (TypeError, ValueError, OverflowError):
        number = None
    if number is None:
        raise unusable(f"a catalogue with a column {name!r} that holds no number", value)
    return number


def _right_ascension(columns: dict[str, Sequence[Any]], name: Any, row: int) -> float:
    """Return a right ascension in 0 to 360; leave impossible ones for `CatalogSource` to refuse."""
    degrees = _number(columns, name, row)
    return within_a_turn(degrees) if is_longitude(degrees) else degrees


def _distinct(names: list[str]) -> list[str]:
    """Return distinct names by numbering repeated ones: OSA names new sources alike."""
    taken = set(names)
    numbers: dict[str, int] = {}
    distinct: list[str] = []
    for name in names:
        number = numbers.get(name, 0) + 1
        numbered = name if number == 1 else f"{name} ({number})"
        while number > 1 and numbered in taken:
            number += 1
            numbered = f"{name} ({number})"
        taken.add(numbered)
        numbers[name] = number
        distinct.append(numbered)
    return distinct


def _is_new(name: str) -> bool:
    return name.upper().startswith("NEW")


def _or_zero(value: float) -> float:
    return value if isfinite(value) else 0.0


def _or_nan(value: float) -> float:
    return value if isfinite(value) else nan


def _or_none(value: float) -> float | None:
    return value if isfinite(value) else None
