"""Make tables of bursts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from oda_widgets.products.burst import Burst
from oda_widgets.products.table_meta import table_meta

if TYPE_CHECKING:
    from astropy.table import Table


def burst_table(bursts: Sequence[Burst], source: Any = None) -> Table:
    """Return a table with a row for each burst.

    Its columns are ``start`` (of the trigger, UTC) and ``start_ijd`` (d), at the satellite;
    ``significance`` (sigma); ``t90``, ``t50`` (s), ``peak`` (counts/s) and ``counts``, each with
    its error; ``simulated``; with a source ``light_travel_time`` (s). Its ``meta`` names the light
    curve of the bursts.

    Parameters
    ----------
    bursts
        Bursts in the order of the rows.
    source
        Name or position of the bursts, for their delays at the centre of the Earth; or None.

    Raises
    ------
    BadParameter
        If a source is given and the place of the satellite is not known.
    UnknownSource
        If no catalogue or service knows the source.
    """
    from astropy.table import Table  # noqa: PLC0415 - heavy import

    rows = [_row(burst, source) for burst in bursts]
    names = [*_COLUMNS, *([] if source is None else [_DELAY])]
    kinds = [_KINDS.get(name, "f8") for name in names]
    units = {name: _UNITS[name.removesuffix("_error")] for name in names if _unit(name)}
    curves = [burst.curve for burst in bursts[:1]]
    meta = {} if not curves else table_meta(curves[0].name, curves[0].energy, curves[0].observation)
    return Table(rows=rows or None, names=names, dtype=kinds, units=units, meta=meta)


_DELAY = "light_travel_time"
_MEASURES = ("t90", "t50", "peak", "counts")
_COLUMNS = (
    "start",
    "start_ijd",
    "significance",
    *(name for measure in _MEASURES for name in (measure, f"{measure}_error")),
    "simulated",
)
_UNITS = {
    "start_ijd": "d", "t90": "s", "t50": "s", "peak": "ct / s", "counts": "ct", _DELAY: "s",
}  # fmt: skip
_KINDS = {"start": "U23", "simulated": "bool"}


def _unit(name: str) -> bool:
    return name.removesuffix("_error") in _UNITS


def _row(burst: Burst, source: Any) -> list[Any]:
    measures = [part for name in _MEASURES for part in getattr(burst, name)]
    simulated = burst.curve.observation.simulated
    row = [burst.trigger_utc, burst.trigger, burst.significance, *measures, simulated]
    return row if source is None else [*row, burst.light_travel_time(source)]
