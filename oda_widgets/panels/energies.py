"""The instrument and the energies of the query."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ipywidgets import Dropdown, VBox

from oda_widgets.panels.card import button, card, labelled, row
from oda_widgets.request.energy import HIGHEST_KEV, LOWEST_KEV, EnergyBand
from oda_widgets.request.queries import DEFAULT_BAND, INSTRUMENTS
from oda_widgets.views.fields import number_field, number_text
from oda_widgets.views.message import Message, shown_in
from oda_widgets.views.muted import Muted

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
        self._muted = Muted()
        self.instrument = Dropdown(options=[(name.upper(), name) for name in INSTRUMENTS])
        self.low, self.high = (
            number_field("energy", edge, LOWEST_KEV, HIGHEST_KEV, "keV")
            for edge in (DEFAULT_BAND.low, DEFAULT_BAND.high)
        )
        self.message = Message()
        for control in (self.instrument, self.low, self.high):
            control.observe(lambda _change: self._edited(), names="value")
        super().__init__([card("Instrument and energies", *self._rows(), self.message)])

    @property
    def value(self) -> EnergyBand:
        """The band.

        Raises
        ------
        BadParameter
            If the fields hold no valid band.
        """
        return EnergyBand(self.low.read(), self.high.read())

    def choose(self, energy: Any) -> None:
        """Choose a band: an `EnergyBand` or a pair of numbers in keV."""
        band = EnergyBand.parse(energy)
        with self._muted:
            self.low.value, self.high.value = number_text(band.low), number_text(band.high)
        self._edited()

    def _edited(self) -> None:
        """Check the fields and call `on_change`."""
        if not self._muted:
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
