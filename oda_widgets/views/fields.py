"""Text fields that are checked at each key and never change the text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ipywidgets import Text

from oda_widgets.errors import OdaError
from oda_widgets.request.numbers import number_within, whole_number


class CheckedText(Text):  # type: ignore[misc]  # ipywidgets publishes no types
    """A text field that is marked while its text cannot be read.

    Parameters
    ----------
    read
        Returns the value of a text, or raises an `OdaError`.
    value
        Initial text.
    options
        Further traits of `ipywidgets.Text`.

    Examples
    --------
    >>> field = number_field("radius", 15, 0.1, 180, "deg")
    >>> field.value = "-3"
    >>> print(field.problem.problem)
    radius='-3': outside 0.1 to 180 deg.
    """

    def __init__(self, read: Callable[[str], Any], value: str = "", **options: Any) -> None:
        self._read = read
        super().__init__(value=value, **options)
        self.observe(lambda _change: self._mark(), names="value")
        self._mark()

    @property
    def problem(self) -> OdaError | None:
        """Reason that the text cannot be read, or None."""
        try:
            self.read()
        except OdaError as error:
            return error
        return None

    def read(self) -> Any:
        """Return the value.

        Raises
        ------
        OdaError
            If the text cannot be read.
        """
        return self._read(self.value.strip().replace("\N{MINUS SIGN}", "-"))

    def _mark(self) -> None:
        change = self.remove_class if self.problem is None else self.add_class
        change("oda-wrong")


def number_field(
    parameter: str, value: float, low: float, high: float, unit: str = "", **options: Any
) -> CheckedText:
    """Return a field for a number from `low` to `high`, both included."""
    return CheckedText(
        lambda text: number_within(parameter, text, low, high, unit or None),
        number_text(value),
        **options,
    )


def whole_number_field(parameter: str, value: int, low: int, high: int) -> CheckedText:
    """Return a field for a whole number from `low` to `high`, both included."""

    def read(text: str) -> int:
        number = number_within(parameter, text, low, high)
        return whole_number(parameter, int(number) if number.is_integer() else number, low)

    return CheckedText(read, str(value))


def first_problem(*fields: CheckedText) -> OdaError | None:
    """Return the problem of the first field that has one."""
    return next((field.problem for field in fields if field.problem is not None), None)


def number_text(value: float) -> str:
    """Return a number as it is typed, with up to twelve digits."""
    return f"{value:.12g}"
