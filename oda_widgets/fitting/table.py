"""The parameters of a fit as a table: for the screen, for a paper, for a spreadsheet."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from io import StringIO
from math import floor, isfinite, log10
from typing import TYPE_CHECKING

from oda_widgets.fitting.models.parameters import Parameter

if TYPE_CHECKING:
    from oda_widgets.fitting.errors.profile import Interval
    from oda_widgets.fitting.result import Fit

_STATISTICS = {"chi2": "χ²", "cstat": "C", "pgstat": "PG"}
_LATEX_STATISTICS = {"chi2": r"$\chi^2$", "cstat": "C", "pgstat": "PG"}


@dataclass(frozen=True)
class _Row:
    """One parameter as it stands in a table."""

    name: str
    item: Parameter
    interval: Interval | None

    @property
    def state(self) -> str:
        if self.item.link:
            return f"= {self.item.link}"
        return "frozen" if self.item.frozen else ""


def as_text(fit: Fit) -> str:
    """Return lines of text."""
    rows = _rows(fit)
    width = max(len(row.name) for row in rows)
    lines = [f"{row.name:<{width}}  {_text_value(row)}" for row in rows]
    return "\n".join([f"{fit.model}", *lines, _verdict(fit), *fit.notes])


def as_html(fit: Fit) -> str:
    """Return a table for the notebook."""
    cells = "".join(
        f"<tr><td>{escape(row.name)}</td><td>{escape(_text_value(row))}</td>"
        f"<td>{escape(row.item.unit)}</td></tr>"
        for row in _rows(fit)
    )
    notes = "".join(f"<p>{escape(note)}</p>" for note in fit.notes)
    head = f"<p><b>{escape(fit.model)}</b> · {escape(_verdict(fit))}</p>"
    return f'<div class="oda-fit">{head}<table>{cells}</table>{notes}</div>'


def as_latex(fit: Fit) -> str:
    """Return a tabular of the free and frozen parameters, rounded to their errors."""
    lines = [
        f"{_latex_name(row)} & {_latex_value(row)} \\\\" for row in _rows(fit) if not row.item.link
    ]
    statistic = _LATEX_STATISTICS[fit.recipe.statistic]
    last = f"{statistic}/dof & {fit.statistic:.1f}/{fit.dof} \\\\"
    head = r"\begin{tabular}{lr}\hline"
    return "\n".join([head, *lines, r"\hline", last, r"\hline\end{tabular}"])


def as_csv(fit: Fit) -> str:
    """Return one row per parameter with all digits."""
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    columns = ["parameter", "unit", "value", "minus", "plus", "level", "sigma", "state"]
    writer.writerow(columns)
    level = fit.last_errors.level if fit.last_errors is not None else ""
    for row in _rows(fit):
        ends = ["", ""] if row.interval is None else [row.interval.minus, row.interval.plus]
        values = [repr(row.item.value), *ends, level if row.interval else "", row.item.sigma]
        writer.writerow([row.name, row.item.unit, *values, row.state])
    writer.writerow(
        [fit.recipe.statistic, "", repr(fit.statistic), "", "", "", "", f"dof {fit.dof}"]
    )
    return text.getvalue()


def rounded(value: float, error: float) -> str:
    """Return a value with two digits of its error."""
    if not isfinite(error) or error <= 0:
        return f"{value:.5g}"
    if error > abs(value):
        return f"{value:.3g}"
    digits = 1 - floor(log10(error))
    return f"{value:.{digits}f}" if 0 <= digits <= 8 else f"{value:.4g}"


def _rows(fit: Fit) -> list[_Row]:
    errors: Mapping[str, Interval] = fit.last_errors or {}
    return [_Row(name, item, errors.get(name)) for name, item in fit.parameters.items()]


def _verdict(fit: Fit) -> str:
    return (
        f"{_STATISTICS[fit.recipe.statistic]} {fit.statistic:.2f} for {fit.dof} degrees of freedom"
    )


def _text_value(row: _Row) -> str:
    if row.state:
        return f"{row.item.value:.5g} {row.state}"
    if row.interval is not None:
        return str(row.interval)
    return f"{rounded(row.item.value, row.item.sigma)} ± {row.item.sigma:.2g} (hint)"


def _latex_name(row: _Row) -> str:
    unit = f" ({row.item.unit})" if row.item.unit else ""
    return f"{row.name}{unit}".replace("_", r"\_").replace("#", r"\#").replace("^", r"\^{}")


def _latex_value(row: _Row) -> str:
    interval, item = row.interval, row.item
    if item.frozen:
        return f"${item.value:.5g}$ (frozen)"
    if interval is None:
        return f"${rounded(item.value, item.sigma)} \\pm {item.sigma:.2g}$"
    if not interval.low_found and not interval.high_found:
        return "unconstrained"
    if not interval.high_found:
        return f"$> {interval.low:.3g}$"
    if not interval.low_found:
        return f"$< {interval.high:.3g}$"
    smaller = min(interval.minus, interval.plus)
    value = rounded(item.value, smaller)
    return f"${value}_{{-{interval.minus:.2g}}}^{{+{interval.plus:.2g}}}$"
