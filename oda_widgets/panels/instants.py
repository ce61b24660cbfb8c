"""Instants in the four forms in which astronomers of INTEGRAL write them."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from oda_widgets.errors import BadParameter
from oda_widgets.request.revolutions import revolution_at
from oda_widgets.request.timespan import isot_utc, mjd_utc

_Format = Callable[[float], str]


def instants_table(instants: Iterable[tuple[str, float]], decimals: int = 0) -> str:
    """Return a table of instants as HTML: date in UTC, MJD in UTC, IJD and revolution.

    Parameters
    ----------
    instants
        The name of each, such as "from", and the instant in IJD.
    decimals
        Number of decimals of the second.

    Examples
    --------
    >>> "<td>59864.64236</td>" in instants_table([("from", 8320.643161851853)])
    True
    """
    columns = tuple(instants)
    if not columns:
        return ""
    digits = decimals + 5  # of a day: about a second
    forms: dict[str, _Format] = {
        "UTC": lambda ijd: _date(ijd, decimals),
        "MJD (UTC)": lambda ijd: f"{mjd_utc(ijd):.{digits}f}",
        "IJD (TT)": lambda ijd: f"{ijd:.{digits}f}",
        "rev": _revolution,
    }
    heads = "".join(f'<th scope="col">{name}</th>' for name, _ in columns)
    rows = "".join(_row(name, [form(ijd) for _, ijd in columns]) for name, form in forms.items())
    head = f'<thead><tr><th scope="col">time</th>{heads}</tr></thead>'
    return f'<table class="oda-instants">{head}<tbody>{rows}</tbody></table>'


def _row(name: str, cells: Iterable[str]) -> str:
    return f'<tr><th scope="row">{name}</th>{"".join(f"<td>{cell}</td>" for cell in cells)}</tr>'


def _date(ijd: float, decimals: int) -> str:
    """Return a date that breaks before its time of day, and nowhere else."""
    day, clock = isot_utc(ijd, decimals).split("T")
    return f"<span>{day}</span> <span>{clock}</span>"


def _revolution(ijd: float) -> str:
    try:
        return str(revolution_at(ijd))
    except BadParameter:
        return "none"
