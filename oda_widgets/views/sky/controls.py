"""The row of choices above a sky image."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ipywidgets import Dropdown, FloatText, HBox

from oda_widgets.views.kept import Kept, kept_values, set_values
from oda_widgets.views.message import Message, shown_in
from oda_widgets.views.muted import Muted
from oda_widgets.views.sky.maps import MAPS
from oda_widgets.views.sky.stretch import COLOUR_MAPS, SCALES, Stretch

_GRIDS = {"hh mm, ° ′": True, "degrees": False}


class SkyControls(HBox):  # type: ignore[misc]  # ipywidgets publishes no types
    """Map, cuts, colour scale, colours and notation of the grid.

    Parameters
    ----------
    on_map
        Called with the name of the chosen map.
    on_stretch
        Called with the chosen cuts, scale and colours.
    on_grid
        Called with True for a grid in hours and degrees, False for decimal degrees.
    """

    def __init__(
        self,
        on_map: Callable[[str], object],
        on_stretch: Callable[[Stretch], object],
        on_grid: Callable[[bool], object],
    ) -> None:
        self._stretch = Stretch(0, 1)
        self._on_stretch = on_stretch
        self._muted = Muted()
        self._map = Dropdown(options=[kind.name for kind in MAPS], description="Map")
        self._low = FloatText(description="Cuts")
        self._high = FloatText(description="to")
        self._scale = Dropdown(options=list(SCALES), description="Scale")
        self._colours = Dropdown(options=COLOUR_MAPS, description="Colours")
        self._grid = Dropdown(options=_GRIDS, description="Grid")
        self._message = Message()
        self._named = {
            "map": self._map, "grid": self._grid, "scale": self._scale, "colours": self._colours,
            "low": self._low, "high": self._high,
        }  # fmt: skip
        self._listen(on_map, on_grid)
        cuts = HBox([self._low, self._high])
        cuts.add_class("oda-cuts")
        super().__init__([self._map, cuts, self._scale, self._colours, self._grid, self._message])
        self.add_class("oda-controls")

    @property
    def kept(self) -> dict[str, str]:
        """State of the controls, for a session."""
        return kept_values(self._named)

    def restore(self, kept: Kept) -> None:
        """Restore what a session kept; the map comes first, as another map has other cuts."""
        set_values({"map": self._map, "grid": self._grid}, kept)
        with self._muted:
            set_values(self._named, kept)
        low, high = float(self._low.value), float(self._high.value)
        with shown_in(self._message):
            self._change(low=low, high=high, scale=self._scale.value, colours=self._colours.value)

    def show(self, map_name: str, stretch: Stretch) -> None:
        """Show a choice, without calling any function."""
        self._stretch = stretch
        with self._muted:
            self._map.value = map_name
            self._low.value, self._high.value = _rounded(stretch.low), _rounded(stretch.high)
            self._scale.value, self._colours.value = stretch.scale, stretch.colours

    def _listen(self, on_map: Callable[[str], object], on_grid: Callable[[bool], object]) -> None:
        self._on(self._map, on_map)
        self._on(self._grid, on_grid)
        self._on(self._low, lambda low: self._change(low=low))
        self._on(self._high, lambda high: self._change(high=high))
        self._on(self._scale, lambda scale: self._change(scale=scale))
        self._on(self._colours, lambda colours: self._change(colours=colours))

    def _change(self, **changes: Any) -> None:
        self._on_stretch(self._stretch.with_(**changes))

    def _on(self, control: Any, act: Callable[[Any], object]) -> None:
        control.observe(lambda change: self._act(act, change["new"]), names="value")

    def _act(self, act: Callable[[Any], object], value: Any) -> None:
        if not self._muted:
            with shown_in(self._message):
                act(value)


def _rounded(value: float) -> float:
    return float(f"{value:.4g}")
