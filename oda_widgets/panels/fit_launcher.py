"""The way from a spectrum to its fit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ipywidgets import VBox

from oda_widgets.panels.card import button, row
from oda_widgets.products.spectrum import Spectrum

if TYPE_CHECKING:
    from oda_widgets.panels.fit import FitPanel


class FitLauncher(VBox):  # type: ignore[misc]  # ipywidgets publishes no types
    """A button that opens the fit panel of a spectrum; the models are imported then."""

    def __init__(self, spectra: Spectrum | Sequence[Spectrum]) -> None:
        self._spectra = spectra
        self.button = button("Fit a model", "Fit this spectrum with XSPEC's models", "oda-primary")
        self.button.on_click(lambda _button: self.begin())
        super().__init__([row(self.button)])
        self.add_class("oda-fit-launcher")

    def begin(self) -> FitPanel:
        """Show the panel in place of the button."""
        from oda_widgets.panels.fit import FitPanel  # noqa: PLC0415 - imports scipy and models

        panel = FitPanel(self._spectra)
        self.children = (panel,)
        return panel
