"""Sky images: maps, cuts, coordinate grid, and sources that can be clicked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bokeh.events import RangesUpdate, Tap
from ipywidgets import VBox

from oda_widgets.products.image import SkyImage
from oda_widgets.request.catalog import SourceCatalog
from oda_widgets.views.pane import BokehPane
from oda_widgets.views.sky.controls import SkyControls
from oda_widgets.views.sky.figure import colour, draw_grid, show_map, sky_figure
from oda_widgets.views.sky.maps import DrawnImage, map_kind
from oda_widgets.views.sky.sources import SourceLayer
from oda_widgets.views.sky.stretch import Stretch, suggested_cuts

OnSource = Callable[[str], object]


class SkyView(VBox):  # type: ignore[misc]  # ipywidgets publishes no types
    """A sky image with its sources, north up.

    Parameters
    ----------
    image
        What to show.
    on_source
        Called with the name of a source when it is clicked.
    size
        Longer side of the frame, screen pixels; by default it fills its column.
    """

    def __init__(
        self, image: SkyImage, on_source: OnSource | None = None, size: int | None = None
    ) -> None:
        self.image = image
        self.map = "significance"
        self.sexagesimal = True
        self._on_source = on_source
        self._drawn = DrawnImage.of(image)
        self._figure = sky_figure(self._drawn, size)
        self._sources = SourceLayer(self._drawn, lambda: self._figure.frame)
        self._sources.draw(self._figure.plot)
        # Bokeh sends only events registered before the figure joins its document.
        self._figure.plot.on_event(Tap, lambda event: self._clicked(event.x, event.y))
        self._figure.plot.on_event(RangesUpdate, lambda _event: self._arrange())
        self._figure.plot.on_change("frame_height", lambda _attr, _old, _new: self._resized())
        self.pane = BokehPane(self._figure.plot)
        self.stretch = self._suggested_stretch()
        self._controls = SkyControls(
            self.show_map, self.set_stretch, lambda choice: self.label_grid(sexagesimal=choice)
        )
        self.show_map(self.map)
        self.show_catalog(image.catalog)
        self._arrange()
        super().__init__([self._controls, self.pane])

    @property
    def catalog(self) -> SourceCatalog:
        """The catalogue that is drawn."""
        return self._sources.catalog

    @property
    def paper_options(self) -> dict[str, Any]:
        """Options with which a figure for publication shows what the screen shows."""
        stretch = self.stretch
        return {
            "map_name": self.map,
            "cuts": (stretch.low, stretch.high),
            "scale": stretch.scale,
            "colours": stretch.colours,
            "catalog": self.catalog,
        }

    def show_map(self, name: str) -> None:
        """Draw another map: significance, intensity, variance or exposure."""
        self.map = map_kind(name).name
        with self.pane.together():
            show_map(self._figure, self._drawn, name)
            self.set_stretch(self._suggested_stretch())

    def set_stretch(self, stretch: Stretch) -> None:
        """Use other cuts, another colour scale or another colour map."""
        self.stretch = stretch
        with self.pane.together():
            colour(self._figure, stretch, map_kind(self.map).label)
        self._controls.show(self.map, stretch)

    def show_catalog(self, catalog: SourceCatalog) -> None:
        """Draw the selected sources of a catalogue."""
        with self.pane.together():
            self._sources.show(catalog, self._figure.window)

    def label_grid(self, *, sexagesimal: bool) -> None:
        """Label the grid in hours and degrees, or in decimal degrees."""
        self.sexagesimal = sexagesimal
        self._arrange()

    def highlight(self, name: str | None) -> None:
        """Mark a source as the selected one, without calling `on_source`."""
        self._sources.rings.selected.indices = self._sources.index_of(name) if name else []

    def _resized(self) -> None:
        self.pane.afterwards(self._arrange)

    def _arrange(self) -> None:
        """Fit grid and names to the part of the image on screen."""
        with self.pane.together():
            draw_grid(self._figure, self._drawn, sexagesimal=self.sexagesimal)
            self._sources.place(self._figure.window)

    def _clicked(self, x: float, y: float) -> None:
        name = self._sources.name_at(x, y, self._figure.window)
        if name is not None and self._on_source is not None:
            self._on_source(name)

    def _suggested_stretch(self) -> Stretch:
        low, high = suggested_cuts(getattr(self.image, self.map))
        return Stretch(low, high, **self._kept())

    def _kept(self) -> dict[str, Any]:
        """Return the choices that survive a change of map."""
        if not hasattr(self, "stretch"):
            return {}
        return {"scale": self.stretch.scale, "colours": self.stretch.colours}
