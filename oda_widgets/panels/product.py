"""Which product, and what only that product needs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ipywidgets import BoundedFloatText, ToggleButtons, VBox

from oda_widgets.panels.card import card, labelled, row
from oda_widgets.request.queries import (
    DEFAULT_THRESHOLD,
    LONGEST_BIN,
    LOWEST_THRESHOLD,
    SHORTEST_BIN,
)

PRODUCTS = (("Image", "image"), ("Spectrum", "spectra"), ("Light curve", "light_curves"))


class ProductPanel(VBox):  # type: ignore[misc]  # ipywidgets publishes no types
    """Chooses between image, spectrum and light curve.

    Parameters
    ----------
    on_change
        Called after each change.
    submit
        Widgets that belong below the choice: the button that asks, and the job.
    """

    def __init__(self, on_change: Callable[[], object], *submit: Any) -> None:
        self.kind = ToggleButtons(options=PRODUCTS)
        self.kind.add_class("oda-choice")
        self.threshold = BoundedFloatText(
            value=DEFAULT_THRESHOLD, min=LOWEST_THRESHOLD, max=1e6, step=0.5
        )
        self.time_bin = BoundedFloatText(value=1.0, min=SHORTEST_BIN, max=LONGEST_BIN, step=1)
        self._fields = {
            "image": labelled("Detection threshold (σ)", self.threshold),
            "light_curves": labelled("Time bin (s)", self.time_bin),
        }
        self._show_fields()
        self.kind.observe(lambda _change: self._show_fields(), names="value")
        for control in (self.kind, self.threshold, self.time_bin):
            control.observe(lambda _change: on_change(), names="value")
        super().__init__([card("Product", self.kind, row(*self._fields.values()), *submit)])

    @property
    def value(self) -> str:
        """Name of the method of a site that makes it: image, spectra or light_curves."""
        return str(self.kind.value)

    def _show_fields(self) -> None:
        for kind, field in self._fields.items():
            field.layout.display = "" if kind == self.value else "none"
