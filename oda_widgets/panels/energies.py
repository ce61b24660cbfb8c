"""Which instrument, and which energies."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ipywidgets import Dropdown, FloatText, VBox

from oda_widgets.panels.card import button, card, labelled, row
from oda_widgets.request.energy import EnergyBand
from oda_widgets.request.queries import INSTRUMENTS
from oda_widgets.views.message import Message, shown_in

PRESETS = ((20, 40), (28, 80), (28, 150), (80, 300))


class EnergiesPanel(VBox):  # type: ignore[misc]  # ipywidgets publishes no types
    """Chooses an instrument and a band.

    Parameters
    ----------
    on_change
        Called after each change.
    """

    def __init__(self, on_change: Callable[[], object]) -> None:
        self._on_change = on_change
        self._setting = False
        self.instrument = Dropdown(options=[(name.upper(), name) for name in INSTRUMENTS])
        self.low, self.high = FloatText(), FloatText()
        self.message = Message()
        for control in (self.instrument, self.low, self.high):
            control.observe(lambda _change: self.submit(), names="value")
        super().__init__([card("Instrument and energies", *self._rows(), self.message)])

    @property
    def value(self) -> EnergyBand:
        """The band.

        Raises
        ------
        BadParameter
            If what is written is not a band.
        """
        return EnergyBand(self.low.value, self.high.value)

    def choose(self, energy: Any) -> None:
        """Choose a band: an `EnergyBand` or a pair of numbers in keV."""
        band = EnergyBand.parse(energy)
        self._setting = True
        self.low.value, self.high.value = band.low, band.high
        self._setting = False
        self.submit()

    def submit(self) -> None:
        """Check what is written, and tell who asked."""
        if self._setting:
            return
        with shown_in(self.message):
            _ = self.value
        self._on_change()

    def _rows(self) -> tuple[Any, ...]:
        fields = row(
            labelled("Instrument", self.instrument),
            labelled("From (keV)", self.low),
            labelled("to (keV)", self.high),
        )
        return fields, row(*(self._preset(low, high) for low, high in PRESETS))

    def _preset(self, low: float, high: float) -> Any:
        chip = button(f"{low}–{high}", f"Use {low} to {high} keV", "oda-chip")
        chip.on_click(lambda _button: self.choose((low, high)))
        return chip
