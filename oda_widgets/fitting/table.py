"""The parameters of a fit in words: a summary, and tables for the screen, a paper, a spreadsheet.

A table carries one confidence level, and says it. Errors that were not yet found by profile are
1 sigma from the covariance, and marked so.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import escape
from io import StringIO
from math import isfinite

from oda_widgets.errors import BadParameter
from oda_widgets.fitting.errors.profile import Errors, Interval
from oda_widgets.fitting.limit import unit_of
from oda_widgets.fitting.models.parameters import Parameter, Parameters, value_text
from oda_widgets.fitting.statistics import STATISTICS
from oda_widgets.request.words import rounded_together, with_error

_SIMULATED = "SIMULATED"
_FROZEN = 8  # parameters that a summary names


@dataclass(frozen=True)
class FitTable:
    """Contents of the table of a fit.

    Parameters
    ----------
    model
        The expression.
    data
        Sources, instruments and exposures, in one line.
    energy
        The ranges that were fitted, keV, in one line.
    simulated
        Whether any of the data are not real.
    statistic_name, statistic, dof
        The statistic, its value, and the degrees of freedom.
    verdict
        Judgement of the fit by its statistic; empty for a good fit.
    parameters
        At their best values.
    errors
        Profile-likelihood errors of some or all free parameters, with their confidence.
    notes
        Remarks to read before using the results.
    rates_error
        Relative systematic error of the rates, the largest of the spectra.
    """

    model: str
    data: str
    energy: str
    simulated: bool
    statistic_name: str
    statistic: float
    dof: int
    verdict: str
    parameters: Parameters
    errors: Errors
    notes: tuple[str, ...]
    rates_error: float = 0.0


@dataclass(frozen=True)
class _Row:
    """One parameter in a table."""

    name: str
    item: Parameter
    interval: Interval | None

    @property
    def name_with_unit(self) -> str:
        """Name with the unit, if it has one."""
        unit = unit_of(self.item)
        return f"{self.name} ({unit})" if unit.strip() else self.name

    @property
    def state(self) -> str:
        if self.item.link:
            return f"= {self.item.link}"
        return "frozen" if self.item.frozen else ""


def as_kind(table: FitTable, kind: str) -> str:
    """Return a table as "text", "latex", "csv" or "html".

    Raises
    ------
    BadParameter
        If there is no such kind.
    """
    if str(kind) not in KINDS:
        advice = f"Choose one of {', '.join(KINDS)}."
        raise BadParameter("kind", kind, "no such kind of table", advice)
    return KINDS[kind](table)


def summary(table: FitTable) -> str:
    """Return a summary of a fit in at most six lines."""
    rows = [row for row in _rows(table) if row.item.free]
    shown = [f"{row.name} = {_text_value(row, mark='')} {row.item.unit}" for row in rows]
    values = ", ".join(text.strip() for text in shown)
    lines = [
        f"Fit of {table.model} to {table.data}",
        f"{table.energy} keV · {_statistic(table)}",
        f"{values or 'no free parameter'} ({_level(table)})",
        *_frozen(table),
    ]
    # A single note is about this error: do not repeat it.
    if table.rates_error > 0 and len(table.notes) > 1:
        lines.append(f"Fluxes and norms: ± {100 * table.rates_error:.2g} % systematic besides")
    # The verdict stands beside the statistic.
    notes = [note for note in table.notes if note.rstrip(".").lower() != table.verdict.lower()]
    if notes:
        more = f" ({len(notes) - 1} more in .notes)" if len(notes) > 1 else ""
        lines.append(f"Note: {notes[0]}{more}")
    return "\n".join(lines)


def _frozen(table: FitTable) -> list[str]:
    """Return a line with the frozen parameters, if there are any."""
    rows = [row for row in _rows(table) if row.item.frozen and not row.item.link]
    shown = [f"{row.name} {value_text(row.item)} {row.item.unit}".strip() for row in rows]
    more = f" and {len(shown) - _FROZEN} more" if len(shown) > _FROZEN else ""
    return [f"frozen: {', '.join(shown[:_FROZEN])}{more}"] if shown else []


def as_text(table: FitTable) -> str:
    """Return lines of text."""
    rows = _rows(table)
    width = max(len(row.name_with_unit) for row in rows)
    lines = [f"{row.name_with_unit:<{width}}  {_text_value(row)}" for row in rows]
    head = [table.model, f"{table.data} · {table.energy} keV"]
    return "\n".join([*head, *lines, _level(table), _statistic(table), *table.notes])


def as_html(table: FitTable) -> str:
    """Return a table for the notebook."""
    cells = "".join(
        f"<tr><td>{escape(row.name)}</td><td>{escape(_text_value(row))}</td>"
        f"<td>{escape(row.item.unit)}</td></tr>"
        for row in _rows(table)
    )
    head = f"<p><b>{escape(table.model)}</b> · {escape(_statistic(table))}</p>"
    data = f"<p>{escape(table.data)} · {escape(table.energy)} keV · {escape(_level(table))}</p>"
    notes = "".join(f"<p>{escape(note)}</p>" for note in table.notes)
    return f'<div class="oda-fit">{head}{data}<table>{cells}</table>{notes}</div>'


def as_latex(table: FitTable) -> str:
    """Return a tabular of the free and frozen parameters, rounded to their errors."""
    rows = [row for row in _rows(table) if not row.item.link]
    lines = [f"{_latex_name(row)} & {_latex_value(row)} \\\\" for row in rows]
    symbols = symbol(table.statistic_name).replace("χ²", r"$\chi^2$")
    last = [f"{symbols}/dof & {table.statistic:.1f}/{table.dof} \\\\"]
    last += [f"\\multicolumn{{2}}{{l}}{{{text}}} \\\\" for text in _remarks(table)]
    head = r"\begin{tabular}{lr}\hline"
    return "\n".join([head, *lines, r"\hline", *last, r"\hline\end{tabular}"])


def as_csv(table: FitTable) -> str:
    """Return one row per parameter with all digits."""
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    columns = ["parameter", "unit", "value", "minus", "plus", "level", "sigma", "state"]
    writer.writerow(columns)
    for row in _rows(table):
        ends = ["", ""] if row.interval is None else [row.interval.minus, row.interval.plus]
        level = table.errors.level if row.interval else ""
        values = [repr(row.item.value), *ends, level, row.item.sigma]
        writer.writerow([row.name, row.item.unit, *values, row.state])
    writer.writerow(
        [table.statistic_name, "", repr(table.statistic), "", "", "", "", f"dof {table.dof}"]
    )
    writer.writerow(["data", "", "", "", "", "", "", _SIMULATED if table.simulated else "observed"])
    return text.getvalue()


KINDS: Mapping[str, Callable[[FitTable], str]] = {
    "text": as_text,
    "latex": as_latex,
    "csv": as_csv,
    "html": as_html,
}


def symbol(statistic_name: str) -> str:
    """Return the symbol of a statistic, or of several: "χ²", "C + χ²"."""
    return " + ".join(STATISTICS[name].symbol for name in statistic_name.split(" + "))


def percent(level: float) -> str:
    """Return a confidence level in words: "68.3 %", "90 %"."""
    return f"{100 * level:.3g} %"


def _rows(table: FitTable) -> list[_Row]:
    return [_Row(name, item, table.errors.get(name)) for name, item in table.parameters.items()]


def _statistic(table: FitTable) -> str:
    verdict = f": {table.verdict}" if table.verdict else ""
    value = f"{symbol(table.statistic_name)} {table.statistic:.2f}"
    return f"{value} for {table.dof} degrees of freedom{verdict}"


def _level(table: FitTable) -> str:
    """Return the confidence of all errors in a table, and how they were found."""
    free = [name for name, item in table.parameters.items() if item.free]
    found = [name for name in free if name in table.errors]
    how = "profile likelihood" if len(found) == len(free) else "covariance"
    if found and len(found) < len(free):
        how = f"profile likelihood; covariance for {', '.join(n for n in free if n not in found)}"
    return f"errors: {percent(table.errors.level)} confidence, {how}"


def _text_value(row: _Row, mark: str = " (1 sigma from covariance)") -> str:
    if row.state:
        return f"{value_text(row.item)} {row.state}"
    if row.interval is not None:
        return str(row.interval)
    if not isfinite(row.item.sigma):
        at_limit = row.item.value in {row.item.low, row.item.high}
        return f"{value_text(row.item)} ({'at its limit' if at_limit else 'error unknown'})"
    return f"{with_error(row.item.value, row.item.sigma)}{mark}"


def _latex_name(row: _Row) -> str:
    unit = f" ({row.item.unit})" if row.item.unit else ""
    return f"{row.name}{unit}".replace("_", r"\_").replace("#", r"\#").replace("^", r"\^{}")


def _latex_value(row: _Row) -> str:
    interval, item = row.interval, row.item
    if item.frozen or (interval is None and not isfinite(item.sigma)):
        return f"${item.value:.5g}$ ({row.state or 'no error'})"
    if interval is None:
        return _latex_number(item.value, item.sigma, item.sigma)
    if not interval.low_found and not interval.high_found:
        return "unconstrained"
    if not interval.high_found:
        return f"$> {interval.low:.3g}$"
    if not interval.low_found:
        return f"$< {interval.high:.3g}$"
    return _latex_number(item.value, interval.minus, interval.plus)


def _latex_number(value: float, minus: float, plus: float) -> str:
    (text, low, high), power = rounded_together(value, minus, plus)
    text += f" \\pm {low}" if low == high else f"_{{-{low}}}^{{+{high}}}"
    text = text.replace(",", "")
    return f"$({text}) \\times 10^{{{power}}}$" if power else f"${text}$"


def _remarks(table: FitTable) -> list[str]:
    """Return the lines below a table in a paper: confidence, quality, origin."""
    remarks = [_level(table).capitalize().replace("%", r"\%").replace("_", r"\_")]
    remarks += [table.verdict.capitalize()] if table.verdict else []
    return [*remarks, "SIMULATED DATA"] if table.simulated else remarks
