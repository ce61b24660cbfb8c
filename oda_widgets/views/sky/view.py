"""Sky images: maps, cuts, coordinate grid, and sources that can be clicked."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from bokeh.events import RangesUpdate, Tap
from ipywidgets import HTML, Button, HBox, ToggleButton, VBox

from oda_widgets.arrays import Singles
from oda_widgets.products.files.region_file import region_content, regions_of
from oda_widgets.products.image import SkyImage
from oda_widgets.request.catalog import SourceCatalog
from oda_widgets.request.sky_region import BOX, CIRCLE, SkyRegion
from oda_widgets.request.words import seconds_text, significance_text, typeset, with_error
from oda_widgets.views.kept import Kept
from oda_widgets.views.message import shown_in
from oda_widgets.views.pane import BokehPane
from oda_widgets.views.sky.controls import SkyControls
from oda_widgets.views.sky.figure import colour, sky_figure
from oda_widgets.views.sky.maps import DrawnImage, map_kind
from oda_widgets.views.sky.north_up import block_size
from oda_widgets.views.sky.region_layer import RegionLayer
from oda_widgets.views.sky.regions import RegionList
from oda_widgets.views.sky.ruler import Ruler
from oda_widgets.views.sky.sources import SourceLayer
from oda_widgets.views.sky.stretch import Stretch, suggested_cuts
from oda_widgets.views.sky.window import Window
from oda_widgets.views.sky.zoom import SkyZoom
from oda_widgets.views.without_kernel import Pictured

OnSource = Callable[[str], object]
OnPlace = Callable[[float, float], object]

_ZOOM = 2.5  # degrees on each side of a source
_HINT = "Point at the image to read its values."


class SkyView(Pictured, VBox):  # type: ignore[misc]  # ipywidgets publishes no types
    """A sky image with its sources, north up.

    Parameters
    ----------
    image
        Image to show.
    on_source
        Called with the name of a source when it is clicked.
    size
        Longer side of the frame, screen pixels; by default it fills its column.
    on_place
        Called with right ascension and declination in degrees when a place without a source is
        clicked while sources are added by click; without it they are not.
    on_view
        Called after the map, the colours, the zoom or the marked source has changed.
    """

    def __init__(
        self,
        image: SkyImage,
        on_source: OnSource | None = None,
        size: int | None = None,
        on_place: OnPlace | None = None,
        on_view: Callable[[], object] = list,
    ) -> None:
        self._pictured = image
        self.image = image
        self._on_view = on_view
        self.map = "significance"
        self.sexagesimal = True
        self._on_source, self._on_place = on_source, on_place
        self._highlighted: str | None = None
        self._drawn = DrawnImage.of(image)
        self._figure = sky_figure(self._drawn, size)
        self._sources = SourceLayer(self._drawn, lambda: self._figure.frame.size)
        self._sources.draw(self._figure.plot)
        self._drawn_regions = RegionLayer(self._figure.plot, self._drawn.display.wcs)
        self._ruler = Ruler(self._figure.plot, self._drawn.display.wcs)
        # Bokeh sends only events registered before the figure joins its document.
        self._figure.plot.on_event(Tap, lambda event: self._clicked(event.x, event.y))
        self._figure.plot.on_event(RangesUpdate, lambda _event: self._arrange())
        self._zoomed = SkyZoom(self._figure.frame, on_change=on_view)
        self._figure.pointer.on_change("data", lambda _attr, _old, new: self._show_readout(new))
        self.pane = BokehPane(self._figure.plot)
        self.readout = HTML()
        self.readout.add_class("oda-readout")
        self.adding = _toggle("Add by click", "Click the sky to add a source to the catalogue")
        self.measuring = _toggle("Measure", "Click two places to measure the distance between them")
        self.drawing = {
            CIRCLE: _toggle("Draw circle", "Click the middle of a circle, then a place on it"),
            BOX: _toggle("Draw box", "Click two opposite corners of a box"),
        }
        self._tools = (self.measuring, self.adding, *self.drawing.values())
        for tool in self._tools:
            tool.observe(self._tool_toggled, names="value")
        self.regions = RegionList(self._regions_changed, *self.drawing.values())
        self.regions.layout.display = "none"
        self.listing = _toggle("Regions", "Draw, list, open and save circles and boxes")
        self.listing.observe(lambda change: self._show_list(shown=change["new"]), names="value")
        self._show_readout({"x": []})
        self.stretch = self._suggested_stretch()
        self._controls = SkyControls(
            self.show_map, self.set_stretch, lambda choice: self.label_grid(sexagesimal=choice)
        )
        with self.pane.rebuilt():
            self.show_map(self.map)
            self.show_catalog(image.catalog)
            self._arrange()
        buttons = HBox(self._buttons())
        buttons.add_class("oda-controls")
        # The tools of clicks and the readout stand above the map, to stay in sight with it.
        super().__init__([self._controls, buttons, self.readout, self.pane, self.regions])

    @property
    def catalog(self) -> SourceCatalog:
        """The catalogue that is drawn."""
        return self._sources.catalog

    @property
    def paper_options(self) -> dict[str, Any]:
        """Options that give a figure for publication the look of the screen."""
        stretch = self.stretch
        return {
            "map_name": self.map,
            "cuts": (stretch.low, stretch.high),
            "scale": stretch.scale,
            "colours": stretch.colours,
            "catalog": self.catalog,
            "regions": self.regions.regions,
        }

    @property
    def kept(self) -> dict[str, str]:
        """State of the display, for a session: map, cuts, colours, grid, marked source and zoom."""
        marked = {"marked": self._highlighted or "", "zoom": self._zoomed.text}
        regions = region_content(self.regions.regions).decode() if self.regions.regions else ""
        return self._controls.kept | marked | {"regions": regions}

    def restore(self, kept: Kept) -> None:
        """Restore the state that a session kept."""
        with self.pane.rebuilt():
            self._controls.restore(kept)
            if kept.get("marked") in self.catalog.names:
                self.highlight(kept["marked"])
            if kept.get("regions"):
                with shown_in(self.regions.message):
                    self.show_regions(regions_of(kept["regions"].encode()))
            self._zoomed.restore(kept.get("zoom", ""))
            self._arrange()

    def show_map(self, name: str) -> None:
        """Draw another map: significance, intensity, variance or exposure."""
        self.map = map_kind(name).name
        self._values = self._drawn.map(name)
        self._apply_stretch(self._suggested_stretch(), self._values)

    def set_stretch(self, stretch: Stretch) -> None:
        """Use other cuts, another colour scale or another colour map."""
        same_levels = replace(self.stretch, colours=stretch.colours) == stretch
        self._apply_stretch(stretch, None if same_levels else self._values)

    def show_catalog(self, catalog: SourceCatalog) -> None:
        """Draw the selected sources of a catalogue."""
        with self.pane.together():
            self._sources.show(catalog, self._figure.frame.window)

    def show_regions(self, regions: Iterable[SkyRegion]) -> None:
        """List and draw circles and boxes, without calling `on_view`."""
        self.regions.show(regions)
        self._draw_regions(self.regions.regions)
        self.listing.value = self.listing.value or bool(self.regions.regions)

    def label_grid(self, *, sexagesimal: bool) -> None:
        """Label the grid in hours and degrees, or in decimal degrees."""
        self.sexagesimal = sexagesimal
        self._arrange()
        self._on_view()

    def highlight(self, name: str | None) -> None:
        """Mark a source as the selected one, without calling `on_source`."""
        self._highlighted = name
        self._on_view()
        self._sources.rings.selected.indices = self._sources.index_of(name) if name else []

    def zoom_to_source(self) -> None:
        """Zoom to the marked source or, without one, to the target; else to the middle."""
        x, y = self._place_of(self._highlighted)
        half = _ZOOM / self.image.pixel_size / block_size(self.image)
        self._zoom(Window(x - half, x + half, y - half, y + half))

    def zoom_out(self) -> None:
        """Show the whole image."""
        self._zoom(self._figure.frame.whole)

    def _apply_stretch(self, stretch: Stretch, values: Singles | None) -> None:
        self.stretch = stretch
        with self.pane.rebuilt():
            colour(self._figure, stretch, map_kind(self.map).label, values)
        self._controls.show(self.map, stretch)
        self._on_view()

    def _show_readout(self, place: dict[str, Any]) -> None:
        """Show the values under the pointer."""
        found = self._drawn.values_at(place["x"][0], place["y"][0]) if len(place["x"]) else None
        values = "" if found is None else _words(found)
        measured = self._ruler.words if self.measuring.value else ""
        for kind, tool in self.drawing.items():
            measured = self._drawn_regions.hint(kind) if tool.value else measured
        self.readout.value = "<br>".join(filter(None, (measured, values))) or _HINT

    def _arrange(self) -> None:
        """Fit grid and names to the part of the image on screen."""
        frame = self._figure.frame
        with self.pane.rebuilt():
            frame.draw_grid(sexagesimal=self.sexagesimal)
            self._sources.place(frame.window)
            self._drawn_regions.place(frame.window, frame.size)

    def _zoom(self, window: Window) -> None:
        with self.pane.together():
            self._figure.frame.show(window)
            self._arrange()

    def _place_of(self, name: str | None) -> tuple[float, float]:
        """Return the pixel of a source, of the target or of the middle."""
        target = self.image.target
        rings = self._sources.rings.data
        for known in (name, None if target is None else target.name):
            for index in self._sources.index_of(known) if known else []:
                return float(rings["x"][index]), float(rings["y"][index])
        rows, columns = self._drawn.display.shape
        return columns / 2, rows / 2

    def _buttons(self) -> list[Button]:
        zoom = Button(description="Zoom to source", tooltip="The marked source, else the target")
        whole = Button(description="Whole image", tooltip="Show the whole image")
        zoom.on_click(lambda _button: self.zoom_to_source())
        whole.on_click(lambda _button: self.zoom_out())
        for made in (zoom, whole):
            made.add_class("oda-chip")
        adding = [] if self._on_place is None else [self.adding]
        return [zoom, whole, self.measuring, *adding, self.listing]

    def _show_list(self, *, shown: bool) -> None:
        """Show the list of regions, or end drawing and hide it."""
        self.regions.layout.display = "" if shown else "none"
        if not shown:
            for tool in self.drawing.values():
                tool.value = False

    def _tool_toggled(self, change: dict[str, Any]) -> None:
        """Start or end the use of clicks by a tool; the other tools are switched off."""
        self._ruler.clear()
        self._drawn_regions.forget()
        for tool in self._tools:
            if change["new"] and tool is not change["owner"]:
                tool.value = False
        self._show_readout({"x": []})

    def _regions_changed(self, regions: tuple[SkyRegion, ...]) -> None:
        self._draw_regions(regions)
        self._on_view()

    def _draw_regions(self, regions: Iterable[SkyRegion]) -> None:
        frame = self._figure.frame
        self._drawn_regions.show(regions, frame.window, frame.size)

    def _draw_region(self, kind: str, x: float, y: float) -> None:
        """Use a click as the first or second place of a region, which the second adds."""
        found = self._drawn_regions.click(kind, x, y)
        if found is not None:
            self.regions.add_drawn(kind, *found)
        self._show_readout({"x": [x], "y": [y]})

    def _clicked(self, x: float, y: float) -> None:
        if self.measuring.value:
            self._ruler.click(x, y)
            self._show_readout({"x": [x], "y": [y]})
            return
        for kind, tool in self.drawing.items():
            if tool.value:
                self._draw_region(kind, x, y)
                return
        name = self._sources.name_at(x, y, self._figure.frame.window)
        if name is not None and self._on_source is not None:
            self._on_source(name)
        elif name is None and self._on_place is not None and self.adding.value:
            ra, dec = self._drawn.display.wcs.wcs_pix2world(x, y, 0)
            self._on_place(float(ra) % 360, float(dec))

    def _suggested_stretch(self) -> Stretch:
        low, high = suggested_cuts(getattr(self.image, self.map))
        return Stretch(low, high, **self._kept_choices())

    def _kept_choices(self) -> dict[str, Any]:
        """Return the choices that survive a change of map."""
        if not hasattr(self, "stretch"):
            return {}
        return {"scale": self.stretch.scale, "colours": self.stretch.colours}


def _toggle(text: str, tooltip: str) -> ToggleButton:
    made = ToggleButton(description=text, tooltip=tooltip)
    made.add_class("oda-chip")
    return made


def _words(values: dict[str, float]) -> str:
    """Return the values of a pixel in words."""
    significance = significance_text(values["significance"])
    flux = with_error(values["intensity"], values["variance"] ** 0.5)
    exposure = seconds_text(values["exposure"])
    return typeset(f"<b>{significance} σ</b> · {flux} counts/s · {exposure} of exposure")
