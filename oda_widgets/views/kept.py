"""Values of the controls of a view as texts, for sessions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from math import isfinite
from typing import Any

from traitlets import TraitError

from oda_widgets.request.numbers import number_in

Kept = Mapping[str, str]

_TRUE = "True"


def kept_values(controls: Mapping[str, Any]) -> dict[str, str]:
    """Return the values of controls as texts, by the names of the controls."""
    return {name: str(control.value) for name, control in controls.items()}


def set_values(controls: Mapping[str, Any], kept: Kept) -> None:
    """Set controls to kept values; a control that does not accept its value stays as it is."""
    for name, control in controls.items():
        value = _read(kept[name], control.value) if name in kept else None
        if value is not None:
            with suppress(TraitError):  # a menu that does not offer it
                control.value = value


def _read(text: str, like: Any) -> Any:
    """Convert a text to the type of another value; return None if that fails."""
    if isinstance(like, bool):
        return text == _TRUE
    if isinstance(like, int | float):
        number = number_in(text)
        return number if number is not None and isfinite(number) else None
    return text


class Zoom:
    """The part of a figure on screen, if it is not the whole.

    Parameters
    ----------
    plot
        The figure.
    axes
        Axes whose ranges the user sets; the others follow the data.
    on_change
        Called after the part on screen changed.
    """

    def __init__(
        self, plot: Any, axes: tuple[str, ...] = ("x", "y"), on_change: Callable[[], object] = list
    ) -> None:
        self._ranges = {axis: getattr(plot, f"{axis}_range") for axis in axes}
        for one in self._ranges.values():
            one.on_change("end", lambda _attr, _old, _new: on_change())
        self._whole = self._ends

    def settle(self, axis: str) -> None:
        """Count the part of an axis on screen now as the whole."""
        self._whole[axis] = self._ends[axis]

    @property
    def is_whole(self) -> bool:
        """Whether the whole figure is on screen."""
        return self._ends == self._whole

    @property
    def text(self) -> str:
        """Ends of the ranges on screen; empty for the whole."""
        if self.is_whole:
            return ""
        return " ".join(f"{end:.9g}" for pair in self._ends.values() for end in pair)

    def ends(self, text: str) -> list[tuple[float, float]]:
        """Return the ranges in a text; empty if it holds none."""
        numbers = [number_in(word) for word in text.split()]
        good = [number for number in numbers if number is not None and isfinite(number)]
        if len(good) != len(numbers) or len(good) != 2 * len(self._ranges):
            return []
        pairs = list(zip(good[::2], good[1::2], strict=True))
        return pairs if all(first < last for first, last in pairs) else []

    def restore(self, text: str) -> None:
        """Show the part that a text gives; "Reset" in the toolbar shows the whole again."""
        for one, (first, last) in zip(self._ranges.values(), self.ends(text), strict=False):
            if one.reset_start is None:
                one.update(reset_start=one.start, reset_end=one.end)
            one.update(start=first, end=last)

    @property
    def _ends(self) -> dict[str, tuple[float, float]]:
        return {axis: (float(one.start), float(one.end)) for axis, one in self._ranges.items()}
