"""The instrument and the energies of the query."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from html import escape
from typing import Any

from ipywidgets import HTML, Dropdown, VBox

from oda_widgets.panels.card import button, card, labelled, row
from oda_widgets.request.energy import EnergyBand
from oda_widgets.request.instrument import Instrument
from oda_widgets.request.instruments import described, instruments
from oda_widgets.request.numbers import number_within
from oda_widgets.views.fields import CheckedText, number_text
from oda_widgets.views.message import Message, shown_in
from oda_widgets.views.muted import Muted

_EDGES = ("energy_low", "energy_high")


class EnergiesPanel(VBox):  # type: ignore[misc]  # ipywidgets publishes no types
    """Chooses an instrument and a band.

    Parameters
    ----------
    on_change
        Called after each change.
    on_instrument
        Called before `on_change` when another instrument was chosen.
    """

    def __init__(
        self, on_change: Callable[[], object], on_instrument: Callable[[], object] = lambda: None
    ) -> None:
        self._on_change, self._on_instrument = on_change, on_instrument
        self._muted = Muted()
        self.instrument = Dropdown(options=[(one.label, one.name) for one in instruments()])
        self.low, self.high = (
            CheckedText(partial(self._read_edge, parameter), number_text(edge))
            for parameter, edge in zip(_EDGES, self.described.band, strict=True)
        )
        self.message = Message()
        for control in (self.low, self.high):
            control.observe(lambda _change: self._edited(), names="value")
        self.instrument.observe(lambda _change: self._instrument_changed(), names="value")
        self.one_band = HTML()  # of an instrument without energies to choose
        self._presets = row()
        self._edge_fields = labelled("From (keV)", self.low), labelled("to (keV)", self.high)
        self._one_band_field = labelled("Energies", self.one_band)
        self._show_presets()
        fields = row(
            labelled("Instrument", self.instrument), *self._edge_fields, self._one_band_field
        )
        super().__init__([card("Instrument and energies", fields, self._presets, self.message)])

    @property
    def described(self) -> Instrument:
        """The chosen instrument."""
        return described(self.instrument.value)

    @property
    def value(self) -> EnergyBand:
        """The band.

        Raises
        ------
        BadParameter
            If the fields hold no valid band.
        """
        return EnergyBand(self.low.read(), self.high.read())

    def use_instrument(self, name: str) -> None:
        """Choose an instrument and its default band."""
        self.instrument.value = described(name).name

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
                self.one_band.value = escape(str(self.value))
            self._on_change()

    def _read_edge(self, parameter: str, text: str) -> float:
        return number_within(parameter, text, *self.described.energy, "keV")

    def _instrument_changed(self) -> None:
        """Offer the bands of another instrument, and choose its default band."""
        with self._muted:
            self._show_presets()
            self.choose(self.described.band)
        self._on_instrument()
        self._edited()

    def _show_presets(self) -> None:
        """Offer the bands of the instrument, or show the only band of one with a single channel."""
        single = self.described.one_channel
        self._one_band_field.layout.display = "" if single else "none"
        for field in (*self._edge_fields, self._presets):
            field.layout.display = "none" if single else ""
        self._presets.children = [self._preset(*band) for band in self.described.presets]

    def _preset(self, low: float, high: float) -> Any:
        chip = button(f"{low:g}–{high:g}", f"Use {low:g} to {high:g} keV", "oda-chip")
        chip.on_click(lambda _button: self.choose((low, high)))
        return chip
