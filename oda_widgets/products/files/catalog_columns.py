"""Read catalogues of any origin from tables: names, positions and known columns."""

from __future__ import annotations

import re
import warnings
from dataclasses import replace
from math import inf, isfinite, nan
from typing import Any

import numpy as np
from astropy.table import Table
from numpy.typing import NDArray

from oda_widgets.arrays import Floats
from oda_widgets.errors import DamagedFile, FileWarning, printable
from oda_widgets.products.files.cards import SIMULATED_KEYWORD
from oda_widgets.products.files.catalog_cells import (
    check_numbers,
    find_column,
    known_columns,
    number_of,
    refuse_without,
    text_of_cell,
    with_plain_names,
)
from oda_widgets.products.files.catalog_positions import (
    fitted_positions,
    has_positions,
    positions_of,
)
from oda_widgets.products.files.positions import within_a_turn
from oda_widgets.products.files.units import COUNT_RATE, converted
from oda_widgets.request.catalog import MOST_SOURCES, SourceCatalog
from oda_widgets.request.catalog_source import CatalogSource

# Names of the column of each field, in order of preference: ours, OSA's, VizieR's and SIMBAD's.
_ALIASES = {
    "name": (
        "src_names", "name", "src_name", "source_name", "source", "object", "main_id", "sourcename",
        "iauname", "iau_name", "source_id", "sourceid", "srcname", "designation", "id", "names",
        "target", "simbadname", "cname", "identifier", "star", "label", "object_name",
        "bat_name", "counterpart_name",
    ),
    "significance": ("significance", "detsig", "snr", "s/n", "signif", "sigma"),
    "flux": ("flux",),
    "flux_error": ("flux_error", "flux_err", "e_flux"),
    "error_radius": (
        "err_rad", "error_radius", "fin_rd_err", "epos", "poserr", "pos_err", "errpos",
        "error_rad", "r90", "r95", "coo_err_maj", "coo_err_maja", "e_pos", "conf_95_semimajor",
        "conf_68_semimajor", "radec_err", "err_ellipse_r0", "pos_error", "position_error",
    ),
    "new": ("new_source",),
    "selected": ("selected",),
}  # fmt: skip
SIMULATED_COLUMN = "simulated"
_OWN_RADII = frozenset({"err_rad", "error_radius", "fin_rd_err"})  # in degrees if no unit is stated
_LARGEST_RADIUS = 10.0  # degrees, largest plausible error of a position
# Names of further columns that may hold errors of positions.
_OF_POSITIONS = re.compile(
    r"(e_|err_?|sigma_?|unc_?)_?(pos|ra|de|dec|radec|coo|coord)\w*|"
    r"_?(pos|ra|dec?|radec|coo|coord)[a-z0-9]*_?(err|error|unc|uncertainty|sigma)\w*|"
    r"\w*(err|error)_?ellipse\w*|\w*semi_?maj\w*|\w*(err|error)_?(rad|radius)|r_?(50|68|90|95|99)\w*",
    re.ASCII,
)
_NEW = re.compile(r"NEW( SOURCE|_SOURCE|SOURCE)?$", re.IGNORECASE)


def catalog_of(table: Table, frame: str | None = None) -> SourceCatalog:
    """Return the catalogue in a table.

    Parameters
    ----------
    table
        Table with at least a name and a position, in any unit and frame that it states. The
        keywords FRAME, RADESYS and EQUINOX, and MMODA's LON_NAME and LAT_NAME, are used.
    frame
        Frame that the file states elsewhere (COOSYS of a VOTable), or None.

    Raises
    ------
    DamagedFile
        If it has too many rows, name or position is missing, or a unit or frame is not known.
    BadParameter
        If a value is not valid.
    """
    if len(table) > MOST_SOURCES:
        problem = f"Its table has {len(table):,} rows, more than {MOST_SOURCES:,}."
        raise DamagedFile(problem, "Give a table of the sources that are needed.")
    table = with_plain_names(table)
    columns = {field: find_column(table, aliases) for field, aliases in _ALIASES.items()}
    meta = {str(key).upper(): value for key, value in table.meta.items()}
    ra, dec = positions_of(table, meta, frame)
    ra = within_a_turn(ra)
    if columns["name"] is None:
        refuse_without(table, "name", _ALIASES["name"][0])
    names = [printable(text_of_cell(value)) for value in table[columns["name"]]]
    values = _Values(table, columns)
    placed = [n for n in range(len(table)) if isfinite(ra[n]) and isfinite(dec[n])]
    if len(placed) < len(table):
        missing = sorted(set(range(len(table))) - set(placed))
        left_out = [names[n] or f"row {n + 1}" for n in missing]
        _warn(f"Without a position and left out: {_first_names(left_out)}.")
    distinct, is_new = distinct_names([names[n] for n in placed])
    sources = [
        values.source(n, name, float(ra[n]), float(dec[n]), new=new)
        for n, name, new in zip(placed, distinct, is_new, strict=True)
    ]
    fits = fitted_positions(table, meta, frame)
    if fits is not None:
        sources = [_with_fit(s, *fits, n) for s, n in zip(sources, placed, strict=True)]
    return SourceCatalog(tuple(sources), simulated=_is_simulated(table))


def _is_simulated(table: Table) -> bool:
    """Return whether a keyword, or a row of a file without keywords, says simulated."""
    column = find_column(table, (SIMULATED_COLUMN,))
    marked = [] if column is None else [text_of_cell(cell).lower() for cell in table[column]]
    return bool(table.meta.get(SIMULATED_KEYWORD, False)) or bool({"true", "1"} & set(marked))


def has_sources(table: Table) -> bool:
    """Return whether a table has names and positions."""
    table = with_plain_names(table)
    return find_column(table, _ALIASES["name"]) is not None and has_positions(table)


class _Values:
    """The measured values of all sources in a table, in the units of `CatalogSource`."""

    def __init__(self, table: Table, columns: dict[str, str | None]) -> None:
        radius, error = columns["error_radius"], columns["flux_error"]
        self.error_radius = _radii(table, radius)
        significance = _converted(table, columns["significance"], None, nan)
        self.significance = _without_impossible(significance, columns["significance"])
        self.flux = _without_impossible(_rates(table, columns["flux"]), columns["flux"])
        self.flux_error = _without_impossible(_rates(table, error), error, least=0.0)
        self.new = _booleans(table, columns["new"], default=False)
        self.selected = _booleans(table, columns["selected"], default=True)

    def source(self, n: int, name: str, ra: float, dec: float, *, new: bool) -> CatalogSource:
        """Return the source of a row."""
        radius = float(self.error_radius[n])
        return CatalogSource(
            name=name,
            ra=ra,
            dec=dec,
            significance=float(self.significance[n]),
            flux=float(self.flux[n]),
            flux_error=float(self.flux_error[n]),
            error_radius=radius if isfinite(radius) else 0.0,
            new=new or bool(self.new[n]),
            selected=bool(self.selected[n]),
        )


def _with_fit(source: CatalogSource, ra: Floats, dec: Floats, n: int) -> CatalogSource:
    right, declination = (float(x[n]) if isfinite(x[n]) else nan for x in (ra, dec))
    return replace(source, ra_fit=right, dec_fit=declination)


def _converted(table: Table, column: str | None, unit: str | None, default: float) -> Floats:
    """Return a column of numbers in our unit, with a default for missing ones."""
    if column is None:
        return np.full(len(table), default)
    check_numbers(table, column)
    values = np.array([number_of(value, column, default) for value in table[column]], dtype=float)
    if unit is None or table[column].unit is None:
        return values
    return converted(values, table[column].unit, unit, f"the column {column}")


def _booleans(table: Table, column: str | None, *, default: bool) -> NDArray[np.bool_]:
    """Return a column of booleans from numbers (true above 0) or words."""
    if column is None:
        return np.full(len(table), default)
    return np.array([_is_true(value, column, default) for value in table[column]], dtype=bool)


def _is_true(value: Any, column: str, default: bool) -> bool:  # noqa: FBT001 - a value
    word = text_of_cell(value).strip().lower()
    return word == "true" if word in {"true", "false"} else number_of(value, column, default) > 0


def _radii(table: Table, column: str | None) -> Floats:
    """Return errors of positions in degrees, 0 if none; warn if column or unit is in doubt."""
    radii = _without_impossible(_converted(table, column, "deg", 0.0), column, least=0.0)
    if column is None:
        known = known_columns(table)
        unread = [name for lower, name in known.items() if _OF_POSITIONS.fullmatch(lower)]
        if unread:
            named = _first_names(list(dict.fromkeys(unread)))
            _warn(f"Not read as errors of positions: {named}. Name one error_radius to have it.")
        return radii
    largest = float(np.nanmax(radii, initial=0.0))
    own = column.casefold() in _OWN_RADII and largest <= _LARGEST_RADIUS
    if table[column].unit is None and largest > 0 and not own:
        _warn(
            f"The column {column} states no unit: its values, up to {largest:g}, are taken as "
            f"degrees. Write its unit, as in {column} [arcsec]."
        )
    return radii


def _rates(table: Table, column: str | None) -> Floats:
    """Return fluxes in counts per second; NaN, with a warning, if their unit is another."""
    try:
        values = _converted(table, column, None, nan)
        if column is None or table[column].unit is None:
            return values
        return converted(values, table[column].unit, COUNT_RATE, f"the column {column}")
    except DamagedFile as error:
        _warn(f"{error.problem} It was left out.")
        return np.full(len(table), nan)


def _without_impossible(values: Floats, column: str | None, least: float = -inf) -> Floats:
    """Return numbers with NaN, and a warning, for infinite ones and those below a limit."""
    impossible = np.isinf(values) | (values < least)
    if impossible.any():
        row = int(np.flatnonzero(impossible)[0])
        text = f"The column {column} holds {values[row]:g} in row {row + 1}, which cannot be"
        _warn(f"{text}: {impossible.sum()} such values were left out.")
    return np.where(impossible, nan, values)


def distinct_names(names: list[str]) -> tuple[list[str], list[bool]]:
    """Return distinct names, and whether each is the name of a new source.

    OSA calls all new sources "NEW SOURCE"; they become NEW_1, NEW_2 and so on.
    """
    is_new = [bool(_NEW.fullmatch(name.strip())) for name in names]
    taken, seen = set(names), set[str]()
    last = dict[str, int]()  # last number used, by the beginning of the name
    result, repeated = [], []
    for name, new in zip(names, is_new, strict=True):
        anonymous = new or not name.strip()
        distinct = name
        if anonymous or name in seen:
            begin, end = ("NEW_", "") if anonymous else (f"{name} (", ")")
            number = last.get(begin, 0 if anonymous else 1) + 1
            while (distinct := f"{begin}{number}{end}") in taken:
                number += 1
            last[begin] = number
            taken.add(distinct)
            repeated += [] if anonymous else [distinct]
        seen.add(distinct)
        result.append(distinct)
    if repeated:
        _warn(f"Names that occur more than once were numbered: {_first_names(repeated)}.")
    return result, is_new


def _first_names(names: list[str]) -> str:
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return ", ".join(names[:5]) + more


def _warn(text: str) -> None:
    warnings.warn(text, FileWarning, stacklevel=4)
