"""The table of a fit: value, slider, free or not, limits and link of each parameter."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from math import floor, log10
from typing import Any

from ipywidgets import HTML, Checkbox, FloatSlider, FloatText, GridBox, Layout, Text, VBox

from oda_widgets.fitting.errors.profile import Interval
from oda_widgets.fitting.models.choices import Choices
from oda_widgets.fitting.models.parameters import Parameter, Parameters
from oda_widgets.panels.limit_field import LimitField

# The style sheet counts them: in a narrow column a parameter has several lines.
_COLUMNS = ("parameter", "value", "error", "", "free", "from", "to", "link")
_WIDE = {"width": "auto"}  # as the column is
_STEPS = 400
_LEAST_MOVE = 0.6 / _STEPS  # of a slider that somebody moves
_MOST_DIGITS = 6  # of a value without an error
_MOVED = "none: moved since the fit"
_CHANGED = "none: changed since the fit"
_SPREAD = 0.5  # of a value, to each side of a slider that has no error to go by
_SIGMAS = 6.0  # or so many errors
_MOST_DECADES = 1.0  # of a slider of norms, to each side


@dataclass(frozen=True)
class RowValues:
    """What a row of the table says of its parameter.

    Parameters
    ----------
    value, low, high
        The value and its limits.
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
    """Return the choices that rows are, by the names of their parameters."""
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
        Called when a value was moved: the curves follow.
    on_choice
        Called when a limit, a link or a tick was changed: the model is another.
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
        """Show no errors, and why: by default, values were moved away from the best ones."""
        for row in self.rows.values():
            row.error.value = why if row.free.value else ""

    @property
    def values(self) -> dict[str, float]:
        """Values by name."""
        return {name: float(row.value.value) for name, row in self.rows.items()}

    @property
    def choices(self) -> Choices:
        """The choices in the table, parameter by parameter."""
        return choices_of(self.says)

    @property
    def says(self) -> dict[str, RowValues]:
        """What the rows say, by the names of their parameters."""
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
        """Move values as the sliders do; those that are not what is shown, rounded or not."""
        for name, value in values.items():
            if name in self.rows and not _is_rounded(value, self.rows[name].value.value):
                self.rows[name].value.value = value

    def value_moved(self) -> None:
        """Tell that a value was moved away from the best one."""
        self.forget_errors()
        self._on_value()

    def choice_made(self) -> None:
        """Tell that something else was changed: the errors are those of another model."""
        self.forget_errors(_CHANGED)
        self._on_choice()


class ParameterRow:
    """The controls of one parameter."""

    def __init__(self, name: str, item: Parameter, table: ParameterTable) -> None:
        self._table = table
        self._quiet = False
        label = HTML(f"{name}{f' ({item.unit})' if item.unit.strip() else ''}")
        self.value = FloatText(layout=Layout(**_WIDE), tooltip=f"Value of {name}")
        # A slider that is wide open helps nobody: it spans what the data leave.
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
            control.observe(self._chosen, names="value")
        self.cells = [
            label, self.value, self.error, self.slider, self.free, self.low, self.high, self.link
        ]  # fmt: skip

    def show(self, item: Parameter, error: str) -> None:
        """Show a parameter without telling anybody."""
        self._quiet = True
        try:
            self._range, self._logarithmic = _slider_range(item)
            self.value.value = float(f"{item.value:.{_digits(item)}g}")
            self.slider.value = self._position(item.value)
            self.free.value = item.free
            self.low.value, self.high.value = item.low, item.high
            self.link.value = item.link
            self.error.value = error or _error_words(item)
        finally:
            self._quiet = False

    def _typed(self, change: dict[str, Any]) -> None:
        if not self._quiet:
            self._quiet = True
            self.slider.value = self._position(change["new"])
            self._quiet = False
            self._table.value_moved()

    def _slid(self, change: dict[str, Any]) -> None:
        if abs(change["new"] - change["old"]) < _LEAST_MOVE:
            return  # a browser puts the slider on its next step: nobody moved it
        if not self._quiet:
            low, high = self._range
            at = low + change["new"] * (high - low)
            self._quiet = True
            self.value.value = float(f"{10**at if self._logarithmic else at:.6g}")
            self._quiet = False
            self._table.value_moved()

    def _chosen(self, _change: dict[str, Any]) -> None:
        if not self._quiet:
            self._table.choice_made()

    def _position(self, value: float) -> float:
        low, high = self._range
        at = log10(max(value, 1e-300)) if self._logarithmic else value
        place = min(max((at - low) / (high - low), 0.0), 1.0)
        return round(place * _STEPS) / _STEPS


def _is_rounded(value: float, exact: float) -> bool:
    """Return whether a number is another one, written with no more digits than it has."""
    digits = len(Decimal(repr(float(value))).normalize().as_tuple().digits)
    return float(f"{exact:.{digits}g}") == value


def _error_words(item: Parameter) -> str:
    """Return the error of a parameter without one by profile, or why a free one has none."""
    if not item.free:
        return ""
    if item.sigma == item.sigma:
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
    known = item.sigma == item.sigma and item.sigma > 0
    if item.name in {"norm", "factor"} and item.value > 0:
        decades = min(_SIGMAS * item.sigma / item.value / 2.3, _MOST_DECADES) if known else 1.0
        middle, room = log10(item.value), max(decades, 0.05)
        return (middle - room, middle + room), True
    room = _SIGMAS * item.sigma if known else max(_SPREAD * abs(item.value), 10 * item.step)
    low, high = max(item.low, item.value - room), min(item.high, item.value + room)
    return ((low, high) if high > low else (low, low + 1.0)), False
