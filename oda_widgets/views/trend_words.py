"""The words of a figure of a trend, on the page and on paper."""

from __future__ import annotations

from oda_widgets.fitting.table import symbol
from oda_widgets.fitting.trend import REDUCED, Quantity, Trend
from oda_widgets.views.powers import quantity_label


def trend_title(trend: Trend) -> str:
    """Return the title: the source, and the model if all fits have the same."""
    models = {fit.model for fit in trend.fits}
    return f"{trend.name}: {models.pop()}" if len(models) == 1 else trend.name


def axis_label(trend: Trend, quantity: Quantity, power: int) -> str:
    """Return the label of an axis of a quantity in units of a power of ten."""
    if quantity.name == REDUCED:
        names = {symbol(fit.statistic_name) for fit in trend.fits}
        return f"Reduced {names.pop() if len(names) == 1 else 'statistic'}"
    name = quantity.name[0].upper() + quantity.name[1:]
    return quantity_label(name, quantity.unit, power)
