"""The product of the query, and the fields that only this product has."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ipywidgets import ToggleButtons, VBox

from oda_widgets.panels.card import card, labelled, row
from oda_widgets.panels.query_text import kind_of
from oda_widgets.request.queries import (
    DEFAULT_THRESHOLD,
    LONGEST_BIN,
    LOWEST_THRESHOLD,
    SHORTEST_BIN,
    ImageQuery,
    LightCurveQuery,
    Query,
)
from oda_widgets.views.fields import CheckedText, number_field, number_text
from oda_widgets.views.message import Message

PRODUCTS = (("Image", "image"), ("Spectrum", "spectra"), ("Light curve", "light_curves"))
_HIGHEST_THRESHOLD = 1e6


class ProductPanel(VBox):  # type: ignore[misc]  # ipywidgets publishes no types
    """Chooses between image, spectrum and light curve.

    Parameters
    ----------
    on_change
        Called after each change.
    catalogue
        The catalogue in use, shown for the products that are fitted with it.
    below
        Widgets below the choice: the button that submits, and the jobs.
    """

    def __init__(self, on_change: Callable[[], object], catalogue: Any, *below: Any) -> None:
        self.kind = ToggleButtons(options=PRODUCTS)
        self.kind.add_class("oda-choice")
        self.threshold = number_field(
            "detection_threshold", DEFAULT_THRESHOLD, LOWEST_THRESHOLD, _HIGHEST_THRESHOLD, "sigma"
        )
        self.time_bin = number_field("time_bin", 1.0, SHORTEST_BIN, LONGEST_BIN, "s")
        self.message = Message()
        self._on_change = on_change
        self._fields: dict[str, CheckedText] = {
            "image": self.threshold,
            "light_curves": self.time_bin,
        }
        self._labelled = {
            "image": labelled("Detection threshold (σ)", self.threshold),
            "light_curves": labelled("Time bin (s)", self.time_bin),
        }
        self._catalogue = catalogue
        for control in (self.kind, self.threshold, self.time_bin):
            control.observe(lambda _change: self._edited(), names="value")
        fields = row(*self._labelled.values())
        super().__init__([card("Product", self.kind, fields, self.message, catalogue, *below)])
        self._show_fields()

    @property
    def value(self) -> str:
        """Name of the method of a site that makes it: image, spectra or light_curves."""
        return str(self.kind.value)

    def show(self, query: Query) -> None:
        """Show the product of a query, and the fields that only this product has."""
        if isinstance(query, ImageQuery):
            self.threshold.value = number_text(query.detection_threshold)
        if isinstance(query, LightCurveQuery):
            self.time_bin.value = number_text(query.time_bin)
        self.kind.value = kind_of(query)

    def _edited(self) -> None:
        self._show_fields()
        self._on_change()

    def _show_fields(self) -> None:
        """Show the fields of the chosen product, and what is wrong with them."""
        for kind, box in self._labelled.items():
            box.layout.display = "" if kind == self.value else "none"
        self._catalogue.layout.display = "none" if self.value == "image" else ""
        field = self._fields.get(self.value)
        if field is None or field.problem is None:
            self.message.clear()
        else:
            self.message.show(field.problem)
