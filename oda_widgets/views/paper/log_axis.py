"""Ticks of logarithmic axes at round values."""

from __future__ import annotations

import math
from typing import Any

from matplotlib.ticker import FixedLocator, FuncFormatter, LogLocator, NullFormatter

_ENERGIES = (
    1, 2, 3, 5, 7, 10, 15, 20, 30, 50, 70, 100, 150, 200, 300, 500, 700, 1000, 2000, 5000, 10000,
)  # fmt: skip
_ROOM = 0.13  # decades between labels of energies on a narrow figure
_PLAIN = (-3, 4)  # powers of ten that are written out
# Labels between powers of ten, by the number of decades from which they are used.
_STEPS: tuple[tuple[float, tuple[float, ...]], ...] = (
    (3.0, (1.0,)),
    (1.6, (1.0, 3.0)),
    (0.95, (1.0, 2.0, 5.0)),
    (0.0, (1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 7.0)),
)


def set_rate_ticks(axes: Any) -> None:
    """Label the vertical axis by powers of ten, and between them if it is short."""
    axis = axes.yaxis
    low, high = axes.get_ylim()
    decades = math.log10(high / low)
    steps = next(steps for least, steps in _STEPS if decades > least)
    axis.set_major_locator(LogLocator(subs=steps, numticks=20))
    axis.set_major_formatter(FuncFormatter(lambda value, _place: power_text(value)))
    axis.set_minor_locator(LogLocator(subs=tuple(range(2, 10)), numticks=20))
    axis.set_minor_formatter(NullFormatter())


def set_energy_ticks(axes: Any, low: float, high: float, beside: int = 1) -> None:
    """Label the horizontal axis of one of some frames side by side at round energies.

    There are as many as there is room for.
    """
    inside = [energy for energy in _ENERGIES if low <= energy <= high]
    room = _ROOM * max(math.log10(high / low), 0.5) * (1 + beside) / 2
    chosen: list[float] = []
    # Powers of ten go first, then their halves and doubles.
    for energy in sorted(inside, key=lambda value: (_rank(value), value)):
        if all(abs(math.log10(energy / other)) > room for other in chosen):
            chosen.append(energy)
    axes.xaxis.set_major_locator(FixedLocator(sorted(chosen)))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _place: f"{value:g}"))
    axes.xaxis.set_minor_formatter(NullFormatter())


def power_text(value: float) -> str:
    """Return a number as the label of a tick: 0.01, 3, 100, or a power of ten."""
    power = math.floor(math.log10(value) + 1e-9)
    if _PLAIN[0] <= power <= _PLAIN[1]:
        return f"{value:g}"
    factor = round(value / 10.0**power, 6)
    front = "" if factor == 1 else rf"{factor:g}\times"
    return rf"${front}10^{{{power}}}$"


def _rank(energy: float) -> int:
    first = int(str(energy)[0])
    return {1: 0 if str(energy).strip("0") == "1" else 4, 2: 1, 5: 1, 3: 2, 7: 3}[first]
