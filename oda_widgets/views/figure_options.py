"""The options of figures, on the page and on paper, checked before anything is drawn."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from oda_widgets.errors import BadParameter
from oda_widgets.request.arguments import called, one_of, pair, truth
from oda_widgets.request.catalog import SourceCatalog
from oda_widgets.request.numbers import number_within, whole_number

_MAPS = ("significance", "intensity", "variance", "exposure")
_SCALES = ("linear", "sqrt", "asinh")
_COLOURS = ("inferno", "viridis", "cividis", "gray", "gray inverted")
_SIZES = frozenset({"height", "size"})
_SMALLEST, _LARGEST = 50, 10_000  # screen pixels


def checked_figure_options(options: Mapping[str, Any], *, on_paper: bool) -> dict[str, Any]:
    """Return the options of a figure, each checked and converted.

    Parameters
    ----------
    options
        Values from the user, by name. The figure checks names that are not known here.
    on_paper
        Whether sizes are inches, checked by the room `paper`, rather than screen pixels.

    Raises
    ------
    BadParameter
        If a value cannot be drawn.
    """
    checks = {name: check for name, check in _CHECKS.items() if not (on_paper and name in _SIZES)}
    return {name: checks.get(name, _unchecked)(name, value) for name, value in options.items()}


def _unchecked(_name: str, value: Any) -> Any:
    return value


def _pixels(name: str, value: Any) -> int:
    return whole_number(name, value, _SMALLEST, _LARGEST)


def _pixels_or_none(name: str, value: Any) -> int | None:
    return None if value is None else _pixels(name, value)


def _columns(name: str, value: Any) -> int:
    number: int = one_of(name, value, (1, 2))
    return number


def _significance(name: str, value: Any) -> float:
    return number_within(name, value, 0.0, 1e6)


def _radius(name: str, value: Any) -> float | None:
    return None if value is None else number_within(name, value, 1e-3, 180.0, "deg")


def _map(name: str, value: Any) -> Any:
    return one_of(name, value, _MAPS)


def _scale(name: str, value: Any) -> Any:
    return None if value is None else one_of(name, value, _SCALES)


def _colours(name: str, value: Any) -> Any:
    return None if value is None else one_of(name, value, _COLOURS)


def _cuts(name: str, value: Any) -> tuple[float, float] | None:
    if value is None:
        return None
    ends = pair(name, value, "not two values", "Write cuts=(-3, 10).")
    low, high = (number_within(name, each, -1e30, 1e30) for each in ends)
    return low, high


def _catalog(name: str, value: Any) -> SourceCatalog | None:
    if value is None or isinstance(value, SourceCatalog):
        return value
    raise BadParameter(name, value, "not a catalogue", "Write for example catalog=image.catalog.")


def _figure(name: str, value: Any) -> Any:
    """Return a figure of Bokeh, recognised by its `x_range`, or None."""
    if value is not None and not hasattr(value, "x_range"):
        raise BadParameter(name, value, "not a figure of bokeh", f"Leave {name} out.")
    return value


_CHECKS: Mapping[str, Callable[[str, Any], Any]] = MappingProxyType(
    {
        "height": _pixels,
        "size": _pixels_or_none,
        "columns": _columns,
        "min_significance": _significance,
        "radius": _radius,
        "map_name": _map,
        "scale": _scale,
        "colours": _colours,
        "cuts": _cuts,
        "catalog": _catalog,
        "lower": _figure,
        "unfolded": truth,
        "ratio": truth,
        "on_source": called,
        "on_place": called,
        "on_select": called,
    }
)
