"""From value to colour: cuts, colour scale and colour map."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oda_widgets.arrays import Floats
from oda_widgets.errors import BadParameter
from oda_widgets.request.numbers import finite_number

_ASINH_SOFTENING = 0.05
NO_VALUE = 255  # level of a pixel without a value; those of values are lower


def _linear(value: Floats) -> Floats:
    return value


def _square(value: Floats) -> Floats:
    return np.square(value)


def _asinh(value: Floats) -> Floats:
    scaled = np.arcsinh(value / _ASINH_SOFTENING) / np.arcsinh(1 / _ASINH_SOFTENING)
    return np.asarray(scaled, dtype=np.float64)


def _sinh(value: Floats) -> Floats:
    scaled = np.sinh(value * np.arcsinh(1 / _ASINH_SOFTENING)) * _ASINH_SOFTENING
    return np.asarray(scaled, dtype=np.float64)


SCALES: dict[str, tuple[Callable[[Floats], Floats], Callable[[Floats], Floats]]] = {
    "linear": (_linear, _linear),
    "sqrt": (np.sqrt, _square),
    "asinh": (_asinh, _sinh),
}
COLOUR_MAPS = ("inferno", "viridis", "cividis", "gray", "gray inverted")


@dataclass(frozen=True)
class Stretch:
    """The mapping of values to colours; display only.

    Parameters
    ----------
    low, high
        Values drawn in the first and the last colour.
    scale
        "linear", "sqrt" or "asinh".
    colours
        Name of a colour map, one of `COLOUR_MAPS`.
    """

    low: float
    high: float
    scale: str = "linear"
    colours: str = "inferno"

    def __post_init__(self) -> None:
        low, high = finite_number("cuts", self.low), finite_number("cuts", self.high)
        if not low < high:
            limit = "the lower cut must be below the upper cut"
            raise BadParameter("cuts", (low, high), limit, "Swap them, or widen them.")
        _one_of("scale", self.scale, tuple(SCALES))
        _one_of("colours", self.colours, COLOUR_MAPS)

    def with_(self, **changes: Any) -> Stretch:
        """Return the stretch with some fields changed."""
        return replace(self, **changes)

    @property
    def bar_palette(self) -> list[str]:
        """Colours at equal steps along the colour bar."""
        return _palette(self.colours, np.linspace(0, 1, 256))

    @property
    def image_palette(self) -> list[str]:
        """Colours of the levels; the last, for pixels without a value, is transparent."""
        return [*_palette(self.colours, np.linspace(0, 1, NO_VALUE)), "#00000000"]

    def levels(self, values: NDArray[Any]) -> NDArray[np.uint8]:
        """Return the level of each value in the palette, and `NO_VALUE` for NaN; any shape."""
        seen = np.isfinite(values)
        places = self.place(np.where(seen, values, self.low))
        return np.where(seen, np.rint(places * (NO_VALUE - 1)), NO_VALUE).astype(np.uint8)

    def bar_ticks(self, count: int = 6) -> dict[float, str]:
        """Return the round values along the colour bar: place, 0 to 1, and label."""
        values = self.round_values(count)
        return {float(self.place(value)): number_text(value) for value in values}

    def round_values(self, count: int = 6) -> list[float]:
        """Return about so many round values, evenly spaced along the colour bar."""
        if self.scale == "linear":
            return self._even_values(count)
        places = np.linspace(0.04, 0.96, count)
        return sorted({self._round_value(float(place), 0.4 / count) for place in places})

    def place(self, value: Any) -> Any:
        """Return the places of values along the colour bar, 0 to 1; any shape."""
        forward, _ = SCALES[self.scale]
        return forward(np.clip((np.asarray(value) - self.low) / (self.high - self.low), 0, 1))

    def value(self, place: Any) -> Any:
        """Return the values that belong to places along the colour bar, 0 to 1; any shape."""
        _, inverse = SCALES[self.scale]
        return self.low + inverse(np.asarray(place, dtype=float)) * (self.high - self.low)

    def _even_values(self, count: int) -> list[float]:
        span = self.high - self.low
        power = 10.0 ** np.floor(np.log10(span / count))
        step = next(n * power for n in (1, 2, 5, 10) if n * power >= span / count)
        multiples = np.arange(np.ceil(self.low / step), np.floor(self.high / step) + 1)
        return [float(round(n * step, 12)) + 0.0 for n in multiples]

    def _round_value(self, place: float, reach: float) -> float:
        """Return the roundest value within reach of a place on the bar."""
        exact = float(self.value(place))
        for value in _ever_finer(exact):
            if self.low <= value <= self.high and abs(float(self.place(value)) - place) <= reach:
                return value
        return exact


def suggested_cuts(values: NDArray[Any]) -> tuple[float, float]:
    """Return cuts that show the noise as well as faint sources.

    From 2.5 deviations below the median to 20 above, or to the extremes if those are closer;
    the deviation is that of the central half, which sources do not change.
    """
    finite = values[np.isfinite(values)]
    if not finite.size:
        return 0.0, 1.0
    quarter, middle, three_quarters = (float(q) for q in np.percentile(finite, (25, 50, 75)))
    deviation = (three_quarters - quarter) / 1.349
    low = max(float(finite.min()), middle - 2.5 * deviation)
    high = min(float(finite.max()), middle + 20 * deviation)
    return (low, high) if low < high else (low - 0.5, low + 0.5)


def _ever_finer(exact: float) -> Iterator[float]:
    """Yield a number rounded to more and more digits."""
    for digits in range(-12, 13):
        for step in (5.0, 2.0, 1.0):
            unit = step * 10.0**-digits
            yield round(exact / unit) * unit


def _palette(name: str, places: Floats) -> list[str]:
    from bokeh.palettes import cividis, gray, inferno, viridis  # noqa: PLC0415 - large tables

    maps = {"cividis": cividis, "gray": gray, "inferno": inferno, "viridis": viridis}
    colours = maps[name.split(maxsplit=1)[0]](256)
    if name.endswith("inverted"):
        colours = colours[::-1]
    return [colours[i] for i in np.clip(np.rint(places * 255), 0, 255).astype(int)]


def _one_of(parameter: str, value: str, known: tuple[str, ...]) -> None:
    if value not in known:
        advice = f"Choose one of: {', '.join(known)}."
        raise BadParameter(parameter, value, "not known", advice)


def number_text(value: float) -> str:
    """Return a number as it is written beside a colour bar."""
    return f"{value:.6g}".replace("-", "\N{MINUS SIGN}")
