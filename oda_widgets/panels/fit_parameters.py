"""The table of a fit: value, slider, free or not, limits and link of each parameter."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from math import floor, isnan, log10
from typing import Any

from ipywidgets import HTML, Checkbox, FloatSlider, FloatText, GridBox, Layout, Text, VBox

from oda_widgets.fitting.errors.profile import Interval
from oda_widgets.fitting.models.choices import Choices
from oda_widgets.fitting.models.parameters import Parameter, Parameters
from oda_widgets.panels.limit_field import LimitField
from oda_widgets.views.muted import Muted

# The style sheet counts them: in a narrow column a parameter has several lines.
_COLUMNS = ("parameter", "value", "error", "", "free", "from", "to", "link")
_WIDE = {"width": "auto"}  # as the column is
_STEPS = 400
_LEAST_MOVE = 0.6 / _STEPS  # of a slider; a smaller one is rounding by the browser
_MOST_DIGITS = 6  # of a value without an error
_MOVED = "none: moved since the fit"
_CHANGED = "none: changed since the fit"
_SPREAD = 0.5  # half the range of a slider, as a part of the value, where it has no error
_SIGMAS = 6.0  # half the range of a slider in errors
_MOST_DECADES = 1.0  # half the range of a slider of norms


@dataclass(frozen=True)
class RowValues:
    """The contents of a row of the table.

    Parameters
    ----------
    value, low, high
        Value and limits, in the unit of the parameter.
    free
        Whether it is fitted.
    link
        Expression that it follows; empty if it follows none.
    """

    value: float
    low: float
    high: float
    free: bool
    link: str = ""


def choices_of(rows: Mapping[str, RowValues]) -> Choices:
    """Return the choices of a fit that rows, by the names of their parameters, stand for."""
    links = {name: row.link for name, row in rows.items() if row.link.strip()}
    own = {name: row for name, row in rows.items() if name not in links}
    return Choices(
        start={name: row.value for name, row in own.items() if row.free},
        freeze={name: row.value for name, row in own.items() if not row.free},
        free=[name for name, row in own.items() if row.free],
        limits={name: (row.low, row.high) for name, row in own.items()},
        links=links,
    )


class ParameterTable(VBox):  # type: ignore[misc]  # ipywidgets publishes no types
    """An editable row for each parameter.

    Linked parameters of further spectra, which follow those of the first, are not shown.

    Parameters
    ----------
    on_value
        Called after a value was changed.
    on_choice
        Called after a limit, a link, or whether a parameter is free, was changed.
    """

    def __init__(self, on_value: Callable[[], object], on_choice: Callable[[], object]) -> None:
        self._on_value, self._on_choice = on_value, on_choice
        self.rows: dict[str, ParameterRow] = {}
        self._grid = GridBox()
        self._grid.add_class("oda-fit-table")
        super().__init__([self._grid])
        self.add_class("oda-fit-parameters")

    def show(self, parameters: Parameters, errors: dict[str, str] | None = None) -> None:
        """Show parameters, with their errors in words where they are known."""
        shown = {n: p for n, p in parameters.items() if p.spectrum == 1 or not p.link}
        if list(shown) != list(self.rows):
            self.rows = {n: ParameterRow(n, p, self) for n, p in shown.items()}
            cells = [cell for row in self.rows.values() for cell in row.cells]
            self._grid.children = (*(HTML(f"<b>{name}</b>") for name in _COLUMNS), *cells)
        for name, item in shown.items():
            self.rows[name].show(item, (errors or {}).get(name, ""))

    def forget_errors(self, why: str = _MOVED) -> None:
        """Show a reason in place of the errors; by default that values left the best fit."""
        for row in self.rows.values():
            row.error.value = why if row.free.value else ""

    @property
    def values(self) -> dict[str, float]:
        """Values by name."""
        return {name: float(row.value.value) for name, row in self.rows.items()}

    @property
    def choices(self) -> Choices:
        """The choices in the table, parameter by parameter."""
        return choices_of(self.contents)

    @property
    def contents(self) -> dict[str, RowValues]:
        """The contents of the rows, by the names of their parameters."""
        return {
            name: RowValues(
                float(row.value.value),
                float(row.low.value),
                float(row.high.value),
                bool(row.free.value),
                str(row.link.value),
            )
            for name, row in self.rows.items()
        }

    def move(self, values: Mapping[str, float]) -> None:
        """Set values as the sliders do, unless they are those on show, rounded or not."""
        for name, value in values.items():
            if name in self.rows and not _is_rounded(value, self.rows[name].value.value):
                self.rows[name].value.value = value

    def value_moved(self) -> None:
        """Forget the errors after a value was changed, and call `on_value`."""
        self.forget_errors()
        self._on_value()

    def choice_made(self) -> None:
        """Forget the errors, which are those of another model, and call `on_choice`."""
        self.forget_errors(_CHANGED)
        self._on_choice()


class ParameterRow:
    """The controls of one parameter."""

    def __init__(self, name: str, item: Parameter, table: ParameterTable) -> None:
        self._table = table
        self._muted = Muted()
        label = HTML(f"{name}{f' ({item.unit})' if item.unit.strip() else ''}")
        self.value = FloatText(layout=Layout(**_WIDE), tooltip=f"Value of {name}")
        # It spans what the data allow: hard limits are too far apart to move a value between.
        self.slider = FloatSlider(
            readout=False,
            min=0,
            max=1,
            step=1.0 / _STEPS,
            layout=Layout(**_WIDE),
            tooltip=f"Slider of {name}",
        )
        self.free = Checkbox(indent=False, layout=Layout(**_WIDE), tooltip=f"{name} is free")
        self.low = LimitField(layout=Layout(**_WIDE), tooltip=f"Lower limit of {name}")
        self.high = LimitField(layout=Layout(**_WIDE), tooltip=f"Upper limit of {name}")
        self.link = Text(
            placeholder="= 2*kT",
            layout=Layout(**_WIDE),
            continuous_update=False,
            tooltip=f"Link of {name}",
        )
        self.error = HTML()
        self.error.add_class("oda-quiet")
        self._range = (0.0, 1.0)
        self._logarithmic = False
        self.value.observe(self._typed, names="value")
        self.slider.observe(self._slid, names="value")
        for control in (self.free, self.low, self.high, self.link):
            control.observe(self._choice_made, names="value")
        self.cells = [
            label, self.value, self.error, self.slider, self.free, self.low, self.high, self.link
        ]  # fmt: skip

    def show(self, item: Parameter, error: str) -> None:
        """Show a parameter without calling the table."""
        with self._muted:
            self._range, self._logarithmic = _slider_range(item)
            self.value.value = float(f"{item.value:.{_digits(item)}g}")
            self.slider.value = self._position(item.value)
            self.free.value = item.free
            self.low.value, self.high.value = item.low, item.high
            self.link.value = item.link
            self.error.value = error or _error_words(item)

    def _typed(self, change: dict[str, Any]) -> None:
        if not self._muted:
            with self._muted:
                self.slider.value = self._position(change["new"])
            self._table.value_moved()

    def _slid(self, change: dict[str, Any]) -> None:
        if abs(change["new"] - change["old"]) < _LEAST_MOVE:
            return  # the browser put the slider on its next step; the user did not move it
        if not self._muted:
            low, high = self._range
            at = low + change["new"] * (high - low)
            with self._muted:
                self.value.value = float(f"{10**at if self._logarithmic else at:.6g}")
            self._table.value_moved()

    def _choice_made(self, _change: dict[str, Any]) -> None:
        if not self._muted:
            self._table.choice_made()

    def _position(self, value: float) -> float:
        low, high = self._range
        at = log10(max(value, 1e-300)) if self._logarithmic else value
        place = min(max((at - low) / (high - low), 0.0), 1.0)
        return round(place * _STEPS) / _STEPS


def _is_rounded(value: float, exact: float) -> bool:
    """Return whether a value is an exact one, rounded to the digits that the value has."""
    digits = len(Decimal(repr(float(value))).normalize().as_tuple().digits)
    return float(f"{exact:.{digits}g}") == value


def _error_words(item: Parameter) -> str:
    """Return the error of a parameter from the covariance, or why a free one has none."""
    if not item.free:
        return ""
    if not isnan(item.sigma):
        around = Interval(item.value, item.value - item.sigma, item.value + item.sigma)
        return f"{around.ends} (1σ, covariance)"
    return "none: at its limit" if item.value in {item.low, item.high} else "none: unconstrained"


def _digits(item: Parameter) -> int:
    """Return how many digits of a value are shown: those to a hundredth of its error."""
    if not (item.free and item.value and 0 < item.sigma < abs(item.value)):
        return _MOST_DIGITS
    return min(_MOST_DIGITS, 3 + floor(log10(abs(item.value))) - floor(log10(item.sigma)))


def _slider_range(item: Parameter) -> tuple[tuple[float, float], bool]:
    """Return the ends of a slider, and whether they are logarithms."""
    known = item.sigma > 0  # it may be NaN
    if item.name in {"norm", "factor"} and item.value > 0:
        decades = min(_SIGMAS * item.sigma / item.value / 2.3, _MOST_DECADES) if known else 1.0
        middle, room = log10(item.value), max(decades, 0.05)
        return (middle - room, middle + room), True
    room = _SIGMAS * item.sigma if known else max(_SPREAD * abs(item.value), 10 * item.step)
    low, high = max(item.low, item.value - room), min(item.high, item.value + room)
    return ((low, high) if high > low else (low, low + 1.0)), False
