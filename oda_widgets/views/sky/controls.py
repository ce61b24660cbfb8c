"""The row of choices above a sky image."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ipywidgets import Dropdown, FloatText, HBox

from oda_widgets.errors import OdaError
from oda_widgets.views.message import Message
from oda_widgets.views.silence import Silence
from oda_widgets.views.sky.maps import MAPS
from oda_widgets.views.sky.stretch import COLOUR_MAPS, SCALES

if TYPE_CHECKING:
    from oda_widgets.views.sky.view import SkyView

_GRIDS = {"hh mm, ° ′": True, "degrees": False}


class SkyControls(HBox):  # type: ignore[misc]  # ipywidgets publishes no types
    """Map, cuts, colour scale, colours and notation of the grid."""

    def __init__(self, view: SkyView) -> None:
        self._view = view
        self._silence = Silence()
        self._map = Dropdown(options=[kind.name for kind in MAPS], description="Map")
        self._low = FloatText(description="Cuts")
        self._high = FloatText(description="to")
        self._scale = Dropdown(options=list(SCALES), description="Scale")
        self._colours = Dropdown(options=COLOUR_MAPS, description="Colours")
        self._grid = Dropdown(options=_GRIDS, description="Grid")
        self._message = Message()
        controls = [
            self._map,
            self._low,
            self._high,
            self._scale,
            self._colours,
            self._grid,
        ]
        self._listen()
        super().__init__([*controls, self._message])
        self.add_class("oda-controls")

    def follow(self) -> None:
        """Show what the view shows."""
        stretch = self._view.stretch
        with self._silence:
            self._map.value = self._view.map
            self._low.value, self._high.value = _rounded(stretch.low), _rounded(stretch.high)
            self._scale.value, self._colours.value = stretch.scale, stretch.colours

    def _listen(self) -> None:
        view = self._view
        self._on(self._map, view.show_map)
        self._on(self._low, lambda low: view.set_stretch(view.stretch.with_(low=low)))
        self._on(self._high, lambda high: view.set_stretch(view.stretch.with_(high=high)))
        self._on(self._scale, lambda name: view.set_stretch(view.stretch.with_(scale=name)))
        self._on(self._colours, lambda name: view.set_stretch(view.stretch.with_(colours=name)))
        self._on(self._grid, lambda choice: view.label_grid(sexagesimal=choice))

    def _on(self, control: Any, act: Callable[[Any], None]) -> None:
        control.observe(lambda change: self._act(act, change["new"]), names="value")

    def _act(self, act: Callable[[Any], None], value: Any) -> None:
        if self._silence:
            return
        try:
            act(value)
        except OdaError as error:
            self._message.show(error)
        else:
            self._message.clear()


def _rounded(value: float) -> float:
    return float(f"{value:.4g}")
