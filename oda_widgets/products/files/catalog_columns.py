"""Reading catalogues of any origin: name, position, and the columns we know."""

from __future__ import annotations

import re
import warnings
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from math import inf, isfinite, nan
from typing import Any

import numpy as np
from astropy.table import Table
from numpy.typing import NDArray

from oda_widgets.arrays import Floats
from oda_widgets.errors import DamagedFile, FileWarning, printable, shorten
from oda_widgets.products.files.cards import SIMULATED_KEYWORD
from oda_widgets.products.files.columns import KINDS
from oda_widgets.products.files.positions import Frame, degrees_of, frame_of, within_a_turn
from oda_widgets.products.files.text import from_ascii
from oda_widgets.products.files.units import COUNT_RATE, converted
from oda_widgets.request.catalog import MOST_SOURCES, SourceCatalog
from oda_widgets.request.catalog_source import CatalogSource
from oda_widgets.request.numbers import number_in

# For each field the names it goes by, the best first: ours, OSA's, those of VizieR and SIMBAD.
_ALIASES = {
    "name": (
        "src_names", "name", "src_name", "source_name", "source", "object", "main_id", "sourcename",
        "iauname", "iau_name", "source_id", "sourceid", "srcname", "designation", "id", "names",
        "target", "simbadname", "cname", "identifier", "star", "label",
    ),
    "significance": ("significance", "detsig", "snr", "s/n", "signif", "sigma"),
    "flux": ("flux",),
    "flux_error": ("flux_error", "flux_err", "e_flux"),
    "error_radius": (
        "err_rad", "error_radius", "fin_rd_err", "epos", "poserr", "pos_err", "errpos",
        "error_rad", "r90", "r95", "coo_err_maj", "e_pos",
    ),
    "new": ("new_source",),
    "selected": ("selected",),
}  # fmt: skip
# Pairs of columns of a position, the best first, with the frame that their names tell.
_POSITIONS: tuple[tuple[str, str, str], ...] = (
    ("ra", "dec", ""),
    ("ra_fin", "dec_fin", ""),
    ("ra_obj", "dec_obj", ""),
    ("raj2000", "dej2000", "fk5"),
    ("raj2000", "decj2000", "fk5"),
    ("_raj2000", "_dej2000", "fk5"),
    ("_raj2000", "_decj2000", "fk5"),
    ("ra_icrs", "de_icrs", "icrs"),
    ("ra_icrs", "dec_icrs", "icrs"),
    ("ra_d", "dec_d", ""),
    ("_ra", "_de", ""),
    ("_ra.icrs", "_de.icrs", "icrs"),
    ("_ra_icrs", "_de_icrs", "icrs"),
    ("radeg", "dedeg", ""),
    ("radeg", "decdeg", ""),
    ("ra_deg", "dec_deg", ""),
    ("ra2000", "dec2000", "fk5"),
    ("ra_2000", "dec_2000", "fk5"),
    ("ra_j2000", "dec_j2000", "fk5"),
    ("alpha_j2000", "delta_j2000", "fk5"),
    ("alpha", "delta", ""),
    ("right_ascension", "declination", ""),
    ("rightascension", "declination", ""),
    ("ra", "de", ""),
    ("rab1950", "deb1950", "fk4"),
    ("_rab1950", "_deb1950", "fk4"),
    ("glon", "glat", "galactic"),
    ("_glon", "_glat", "galactic"),
    ("l", "b", "galactic"),
    ("lii", "bii", "galactic"),
    ("gal_lon", "gal_lat", "galactic"),
    ("galactic_longitude", "galactic_latitude", "galactic"),
    ("elon", "elat", "ecliptic"),
    ("_elon", "_elat", "ecliptic"),
    ("ecl_lon", "ecl_lat", "ecliptic"),
    ("sgl", "sgb", "supergalactic"),
    ("lon", "lat", ""),
)
# Hours, minutes and seconds, and degrees, in columns of their own (VizieR's byte-by-byte tables).
_PARTS = (("rah", "ram", "ras"), ("ded", "dem", "des"), ("de-", "dec-", "design"))
_NEW = re.compile(r"NEW( SOURCE|_SOURCE|SOURCE)?$", re.IGNORECASE)


@dataclass(frozen=True)
class _Place:
    """Columns and frame of the positions of a table."""

    longitude: str
    latitude: str
    frame: Frame


def catalog_of(table: Table, frame: str | None = None) -> SourceCatalog:
    """Return the catalogue in a table.

    Parameters
    ----------
    table
        With at least a name and a position, in any unit and frame that it states. FRAME,
        RADESYS and EQUINOX of its header count, and LON_NAME and LAT_NAME as MMODA writes them.
    frame
        The frame if the file states it elsewhere (COOSYS of a VOTable).

    Raises
    ------
    DamagedFile
        If it has too many rows, name or position is missing, or a unit or frame is not known.
    BadParameter
        If a value cannot be accepted.
    """
    if len(table) > MOST_SOURCES:
        problem = f"Its table has {len(table):,} rows, more than {MOST_SOURCES:,}."
        raise DamagedFile(problem, "Give a table of the sources that are needed.")
    columns = {field: _find(table, aliases) for field, aliases in _ALIASES.items()}
    meta = {str(key).upper(): value for key, value in table.meta.items()}
    ra, dec = _positions(table, meta, frame)
    ra = within_a_turn(ra)
    if columns["name"] is None:
        _refuse(table, "name", _ALIASES["name"][0])
    names = [printable(_text(value)) for value in table[columns["name"]]]
    values = _Values(table, columns)
    placed = [n for n in range(len(table)) if isfinite(ra[n]) and isfinite(dec[n])]
    if len(placed) < len(table):
        missing = sorted(set(range(len(table))) - set(placed))
        left_out = [names[n] or f"row {n + 1}" for n in missing]
        _warn(f"Without a position and left out: {_short(left_out)}.")
    distinct, is_new = distinct_names([names[n] for n in placed])
    sources = [
        values.source(n, name, float(ra[n]), float(dec[n]), new=new)
        for n, name, new in zip(placed, distinct, is_new, strict=True)
    ]
    fits = _fitted(table, meta, frame)
    if fits is not None:
        sources = [_with_fit(s, *fits, n) for s, n in zip(sources, placed, strict=True)]
    return SourceCatalog(tuple(sources), simulated=bool(table.meta.get(SIMULATED_KEYWORD, False)))


def has_sources(table: Table) -> bool:
    """Return whether a table has names and positions."""
    return _find(table, _ALIASES["name"]) is not None and (
        _place_columns(table, {}) is not None or _has_parts(table)
    )


class _Values:
    """Measured values of the sources of a table, in the units of the catalogue."""

    def __init__(self, table: Table, columns: dict[str, str | None]) -> None:
        radius, error = columns["error_radius"], columns["flux_error"]
        self.error_radius = _possible(_converted(table, radius, "deg", 0.0), radius, least=0.0)
        significance = _converted(table, columns["significance"], None, nan)
        self.significance = _possible(significance, columns["significance"])
        self.flux = _possible(_rates(table, columns["flux"]), columns["flux"])
        self.flux_error = _possible(_rates(table, error), error, least=0.0)
        self.new = _truths(table, columns["new"], default=False)
        self.selected = _truths(table, columns["selected"], default=True)

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


def _positions(table: Table, meta: dict[str, Any], frame: str | None) -> tuple[Floats, Floats]:
    """Return right ascension and declination of J2000 of all rows, NaN where missing."""
    place = _place(table, meta, frame)
    if place is None and _has_parts(table):
        return _from_parts(table)
    if place is None:
        for field in ("ra", "dec"):
            if _find(table, tuple(pair[("ra", "dec").index(field)] for pair in _POSITIONS)) is None:
                _refuse(table, field, field)
        problem = f"The table has no two columns of one position: {', '.join(table.colnames)}."
        raise DamagedFile(problem, "Name them ra and dec.")
    return _converted_position(table, place)


def _converted_position(table: Table, place: _Place) -> tuple[Floats, Floats]:
    equatorial = place.frame.is_equatorial
    longitude = _angles(table, place.longitude, hours=equatorial)
    latitude = _angles(table, place.latitude, hours=False)
    return place.frame.j2000(longitude, latitude)


def _place(table: Table, meta: dict[str, Any], frame: str | None) -> _Place | None:
    pair = _place_columns(table, meta)
    if pair is None:
        return None
    longitude, latitude, told = pair
    stated = next((meta[key] for key in ("FRAME", "RADESYS", "RADECSYS") if meta.get(key)), frame)
    equinox = meta.get("EQUINOX")
    if told:
        # A column that names its frame is right, whatever the header says of the others.
        return _Place(longitude, latitude, frame_of(told))
    return _Place(longitude, latitude, frame_of(None if stated is None else str(stated), equinox))


def _place_columns(table: Table, meta: dict[str, Any]) -> tuple[str, str, str] | None:
    known = _known(table)
    stated = tuple(str(meta.get(key, "")).strip().casefold() for key in ("LON_NAME", "LAT_NAME"))
    if all(name in known for name in stated):
        return known[stated[0]], known[stated[1]], ""
    for longitude, latitude, told in _POSITIONS:
        if longitude in known and latitude in known:
            return known[longitude], known[latitude], told
    return None


def _has_parts(table: Table) -> bool:
    known = _known(table)
    return all(name in known for names in _PARTS[:2] for name in names[:2])


def _from_parts(table: Table) -> tuple[Floats, Floats]:
    known = _known(table)
    hours, degrees = (
        sum(
            _angles(table, known[name], hours=False) / 60.0**power
            for power, name in enumerate(names)
            if name in known
        )
        for names in _PARTS[:2]
    )
    sign = next((known[name] for name in _PARTS[2] if name in known), None)
    if sign is not None:
        south = np.array([_text(value).startswith("-") for value in table[sign]])
        degrees = np.where(south, -np.abs(degrees), degrees)
    return 15.0 * np.asarray(hours), np.asarray(degrees)


def _fitted(table: Table, meta: dict[str, Any], frame: str | None) -> tuple[Floats, Floats] | None:
    """Return the positions of peaks, for each row."""
    known = _known(table)
    for longitude, latitude in (("ra_fit", "dec_fit"), ("ra_fin", "dec_fin")):
        if longitude in known and latitude in known:
            place = _place(table, meta, frame)
            found = Frame() if place is None else place.frame
            return _converted_position(table, _Place(known[longitude], known[latitude], found))
    return None


def _with_fit(source: CatalogSource, ra: Floats, dec: Floats, n: int) -> CatalogSource:
    right, declination = (float(x[n]) if isfinite(x[n]) else nan for x in (ra, dec))
    return replace(source, ra_fit=right, dec_fit=declination)


def _angles(table: Table, column: str, *, hours: bool) -> Floats:
    values = table[column]
    _check_numbers(table, column)
    return degrees_of(list(values), values.unit, f"The column {column}", hours=hours)


def _known(table: Table) -> dict[str, str]:
    # A column with several values in a row (OSA's fluxes per band) is not one of ours.
    return {name.casefold(): name for name in table.colnames if table[name].ndim == 1}


def _find(table: Table, aliases: Sequence[str]) -> str | None:
    known = _known(table)
    return next((known[alias] for alias in aliases if alias in known), None)


def _refuse(table: Table, field: str, name: str) -> None:
    problem = f"The table has no column for {field} (it has: {', '.join(table.colnames)})."
    raise DamagedFile(problem, f"Name one of its columns {name}.")


def _converted(table: Table, column: str | None, unit: str | None, default: float) -> Floats:
    """Return a column of numbers in our unit, with a default for missing ones."""
    if column is None:
        return np.full(len(table), default)
    _check_numbers(table, column)
    values = np.array([_number(value, column, default) for value in table[column]], dtype=float)
    if unit is None or table[column].unit is None:
        return values
    return converted(values, table[column].unit, unit, f"the column {column}")


def _check_numbers(table: Table, column: str) -> None:
    """Refuse a column of what is neither numbers nor text that may be some."""
    values = table[column]
    kind = KINDS.get(values.dtype.kind, "")
    if values.dtype.kind == "O" and not any(np.ndim(value) for value in values):
        return
    if values.dtype.kind not in "iufSU":
        problem = f"The column {column} holds {kind or 'no numbers'} where it must hold numbers."
        raise DamagedFile(problem, "Write the column as numbers, or rename it.")


def _truths(table: Table, column: str | None, *, default: bool) -> NDArray[np.bool_]:
    """Return a column of truths, which may be numbers, above 0, or words."""
    if column is None:
        return np.full(len(table), default)
    return np.array([_is_true(value, column, default) for value in table[column]], dtype=bool)


def _is_true(value: Any, column: str, default: bool) -> bool:  # noqa: FBT001 - a value
    word = _text(value).strip().lower()
    return word == "true" if word in {"true", "false"} else _number(value, column, default) > 0


def _rates(table: Table, column: str | None) -> Floats:
    """Return fluxes in counts per second; NaN, with a warning, where they are in another unit."""
    try:
        values = _converted(table, column, None, nan)
        if column is None or table[column].unit is None:
            return values
        return converted(values, table[column].unit, COUNT_RATE, f"the column {column}")
    except DamagedFile as error:
        _warn(f"{error.problem} It was left out.")
        return np.full(len(table), nan)


def _possible(values: Floats, column: str | None, least: float = -inf) -> Floats:
    """Return measured numbers; NaN, with a warning, where one is infinite or below a limit."""
    impossible = np.isinf(values) | (values < least)
    if impossible.any():
        row = int(np.flatnonzero(impossible)[0])
        text = f"The column {column} holds {values[row]:g} in row {row + 1}, which cannot be"
        _warn(f"{text}: {impossible.sum()} such values were left out.")
    return np.where(impossible, nan, values)


def _number(value: Any, column: str, default: float) -> float:
    if value is None or value is np.ma.masked or (isinstance(value, str) and not value.strip()):
        return default
    with suppress(TypeError, ValueError, OverflowError):
        number = float(value) if not isinstance(value, str | bytes) else number_in(_text(value))
        if number is not None:
            return number
    problem = f"The column {column} holds {shorten(value)}, which is not a number."
    raise DamagedFile(problem, "Give numbers; positions in degrees, J2000.")


def _text(value: Any) -> str:
    if value is None or value is np.ma.masked:
        return ""
    plain = value.decode("ascii", "replace") if isinstance(value, bytes) else str(value)
    return from_ascii(plain)


def distinct_names(names: list[str]) -> tuple[list[str], list[bool]]:
    """Return names of which none occurs twice, and whether each is that of a new source.

    OSA calls each source that it does not know "NEW SOURCE"; they become NEW_1, NEW_2 and so on.
    """
    is_new = [bool(_NEW.fullmatch(name.strip())) for name in names]
    taken, seen = set(names), set[str]()
    last = dict[str, int]()  # of the numbers given, by pattern
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
        _warn(f"Names that occur more than once were numbered: {_short(repeated)}.")
    return result, is_new


def _short(names: list[str]) -> str:
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return ", ".join(names[:5]) + more


def _warn(text: str) -> None:
    warnings.warn(text, FileWarning, stacklevel=4)
