"""A field for a number that may be very large or small, written as short as possible."""

from __future__ import annotations

from math import isfinite
from typing import Any

import traitlets
from ipywidgets import Text

from oda_widgets.request.numbers import number_in

_PLAIN = 6  # characters that are short enough


def short_number(value: float) -> str:
    """Return a number without needless zeros.

    Examples
    --------
    >>> short_number(1e10), short_number(1e24), short_number(5000.0), short_number(-0.00001)
    ('1e10', '1e24', '5000', '-1e-5')
    """
    plain = f"{value:.12g}"
    if len(plain) <= _PLAIN and "e" not in plain:
        return plain
    digits, _, power = f"{value:.11e}".partition("e")
    raised = f"{digits.rstrip('0').rstrip('.')}e{int(power)}"
    return min(raised, plain, key=len)


def _from_page(text: Any, field: LimitField) -> float:
    """Return the number that was typed, or the one before if the text is not a number."""
    number = number_in(text) if isinstance(text, str) else None
    if number is None or not isfinite(number):
        field.send_state("value")
        return float(field.value)
    return number


class LimitField(Text):  # type: ignore[misc]  # ipywidgets publishes no types
    """A number in Python, a text in the browser, which sends it when the field loses focus.

    Parameters
    ----------
    options
        Further traits of `ipywidgets.Text`.
    """

    value = traitlets.CFloat(0.0).tag(
        sync=True, to_json=lambda value, _field: short_number(value), from_json=_from_page
    )

    def __init__(self, **options: Any) -> None:
        super().__init__(continuous_update=False, **options)
