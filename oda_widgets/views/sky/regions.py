"""The circles and boxes of an image: drawn by clicks or by numbers, listed, named, as files."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable

from ipywidgets import Button, Dropdown, HBox, Text, ToggleButton, VBox

from oda_widgets.errors import BadParameter, FileWarning
from oda_widgets.lookup.positions import parse_position
from oda_widgets.products.files.region_file import MOST_SHAPES, region_content, regions_of
from oda_widgets.request.numbers import number_within
from oda_widgets.request.sky_region import (
    BOX,
    CIRCLE,
    LARGEST,
    SMALLEST,
    SkyRegion,
    with_own_names,
)
from oda_widgets.request.words import degrees_texts
from oda_widgets.views.download import DownloadButton
from oda_widgets.views.fields import number_text
from oda_widgets.views.file_button import FileButton
from oda_widgets.views.message import Message, shown_in
from oda_widgets.views.row_table import Row, RowTable

_COLUMNS = ("Region", "Shape", "RA, Dec (deg)", "Size (deg)")
_EDIT, _REMOVE = "Edit", "Remove"
_LARGEST_FILE = 1 << 20  # bytes
_TIMES = "\N{MULTIPLICATION SIGN}"
_DECIMALS = 6  # of degrees drawn by hand: milliarcseconds, finer than any pixel


class RegionList(VBox):  # type: ignore[misc]  # ipywidgets publishes no types
    """Regions with their fields, their list and their files.

    Parameters
    ----------
    on_change
        Called with the regions after each change.
    tools
        Buttons of the tools for drawing.
    """

    def __init__(
        self, on_change: Callable[[tuple[SkyRegion, ...]], object], *tools: ToggleButton
    ) -> None:
        self.regions: tuple[SkyRegion, ...] = ()
        self._on_change = on_change
        self._edited: str | None = None
        self.kind = Dropdown(options=[CIRCLE, BOX], tooltip="Shape of the region")
        self.name = Text(placeholder="Name", tooltip="Name of the region")
        self.position = Text(placeholder="RA Dec", tooltip="Middle of the region")
        self.size = Text(tooltip="Radius, or width and height, of the region (deg)")
        self.message = Message()
        self.table = RowTable("Regions", _COLUMNS, on_act=self._act)
        self._add = Button(description="Add region", tooltip="Add this region to the image")
        self._add.on_click(lambda _button: self.add_typed())
        self.kind.observe(lambda _change: self._show_kind(), names="value")
        for field in (self.name, self.position, self.size):
            field.add_class("oda-add")
        files = [
            FileButton("Open regions…", ".reg", self.read, _LARGEST_FILE, self.message),
            DownloadButton("regions.reg", self.content, "Save regions (DS9)", self.message),
        ]
        typed = HBox([self.kind, self.name, self.position, self.size, self._add])
        drawn = HBox([*tools, *files])
        for row in (drawn, typed):
            row.add_class("oda-controls")
        super().__init__([drawn, typed, self.message, self.table])
        self.add_class("oda-card")
        self._show_kind()
        self.show(())

    def show(self, regions: Iterable[SkyRegion]) -> None:
        """List regions, without calling `on_change`."""
        self.regions = with_own_names(regions)
        self.table.show(map(_row, self.regions))
        self.table.layout.display = "" if self.regions else "none"

    def change(self, regions: Iterable[SkyRegion]) -> None:
        """List regions and call `on_change`.

        Raises
        ------
        BadParameter
            If there are too many.
        """
        new = tuple(regions)
        if len(new) > MOST_SHAPES:
            limit = f"more than {MOST_SHAPES} of them"
            raise BadParameter("regions", len(new), limit, "Remove some first.")
        self.show(new)
        self._on_change(self.regions)

    def add(self, region: SkyRegion) -> None:
        """Add a region, or replace the one that is being edited."""
        if self._edited is None:
            self.change((*self.regions, region))
        else:
            self.change(region if one.name == self._edited else one for one in self.regions)
        self._edit(None)

    def add_drawn(self, kind: str, ra: float, dec: float, size: tuple[float, ...]) -> None:
        """Add a region that was drawn by hand, unless the same place was clicked twice."""
        with shown_in(self.message):
            rounded = tuple(round(one, _DECIMALS) for one in size)
            self.add(self._region(kind, round(ra, _DECIMALS), round(dec, _DECIMALS), rounded))

    def add_typed(self) -> None:
        """Add the region in the fields."""
        with shown_in(self.message):
            place = parse_position(self.position.value)
            if place is None:
                advice = "Write for example 83.633 22.014."
                raise BadParameter("position", self.position.value, "not a position", advice)
            texts = self.size.value.replace(_TIMES, " ").replace("x", " ").split()
            size = tuple(number_within("size", one, SMALLEST, LARGEST, "deg") for one in texts)
            self.add(self._region(self.kind.value, place.ra, place.dec, size))

    def remove(self, name: str) -> None:
        """Remove a region."""
        self.change(one for one in self.regions if one.name != name)
        if name == self._edited:
            self._edit(None)

    def read(self, _name: str, content: bytes) -> None:
        """Add the regions of a file of DS9.

        Raises
        ------
        DamagedFile, BadParameter
            If it has none that can be drawn, or too many.
        """
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            found = regions_of(content)
        self.message.clear()
        self.change((*self.regions, *found))
        notes = [str(one.message) for one in caught if issubclass(one.category, FileWarning)]
        if notes:
            self.message.note(" ".join(notes))

    def content(self) -> bytes:
        """Return the regions as a file of DS9.

        Raises
        ------
        BadParameter
            If there is none.
        """
        if not self.regions:
            raise BadParameter("regions", 0, "there is none yet", "Draw one first.")
        return region_content(self.regions)

    def _region(self, kind: str, ra: float, dec: float, size: tuple[float, ...]) -> SkyRegion:
        """Return a region with the name in the fields; an edited one keeps its other values."""
        old = next((one for one in self.regions if one.name == self._edited), None)
        number = len(self.regions) + 1
        name = self.name.value.strip() or (f"region {number}" if old is None else old.name)
        angle, excluded = (0.0, False) if old is None else (old.angle, old.excluded)
        return SkyRegion(name, kind, ra, dec, size, angle, excluded)

    def _act(self, name: str, action: str) -> None:
        with shown_in(self.message):
            if action == _REMOVE:
                self.remove(name)
            else:
                self._edit(next(one for one in self.regions if one.name == name))

    def _edit(self, region: SkyRegion | None) -> None:
        """Show a region in the fields, to be changed; None empties them."""
        self._edited = None if region is None else region.name
        self._add.description = "Add region" if region is None else "Change region"
        if region is not None:
            self.kind.value = region.kind
        self.name.value = "" if region is None else region.name
        self.position.value = "" if region is None else f"{region.ra:.9g} {region.dec:+.9g}"
        self.size.value = "" if region is None else _size(region)

    def _show_kind(self) -> None:
        circle = self.kind.value == CIRCLE
        self.size.placeholder = "Radius (deg)" if circle else f"Width {_TIMES} height (deg)"


def _row(region: SkyRegion) -> Row:
    shape = f"{region.kind}, excluded" if region.excluded else region.kind
    if region.angle:
        shape += f", turned by {region.angle:g}°"
    place = (" ".join(degrees_texts(region.ra, region.dec)), region.ra)
    size = f" {_TIMES} ".join(f"{one:.4g}" for one in region.size)
    cells = (region.name, shape, place, (size, region.size[0]))
    return Row(region.name, cells, (_EDIT, _REMOVE))


def _size(region: SkyRegion) -> str:
    return f" {_TIMES} ".join(map(number_text, region.size))
