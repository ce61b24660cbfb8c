"""The product of the query, and the fields that only this product has."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ipywidgets import ToggleButtons, VBox

from oda_widgets.errors import BadParameter
from oda_widgets.panels.card import card, labelled, row
from oda_widgets.panels.query_text import kind_of, product_word
from oda_widgets.panels.session import FormState
from oda_widgets.request.instrument import IMAGE, LIGHT_CURVE, SPECTRUM, Instrument
from oda_widgets.request.instruments import described
from oda_widgets.request.numbers import number_within
from oda_widgets.request.queries import (
    DEFAULT_THRESHOLD,
    LOWEST_THRESHOLD,
    ImageQuery,
    LightCurveQuery,
)
from oda_widgets.request.survey_query import AnyQuery
from oda_widgets.views.fields import CheckedText, number_field, number_text
from oda_widgets.views.message import Message
from oda_widgets.views.muted import Muted

PRODUCTS = (("Image", "image"), ("Spectrum", "spectra"), ("Light curve", "light_curves"))
_KINDS = {"image": IMAGE, "spectra": SPECTRUM, "light_curves": LIGHT_CURVE}
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
        Widgets below the choice, such as the button that submits, and the jobs.
    """

    def __init__(self, on_change: Callable[[], object], catalogue: Any, *below: Any) -> None:
        self._instrument = described("isgri")
        self.kind = ToggleButtons(options=PRODUCTS)
        self.kind.add_class("oda-choice")
        self.threshold = number_field(
            "detection_threshold", DEFAULT_THRESHOLD, LOWEST_THRESHOLD, _HIGHEST_THRESHOLD, "sigma"
        )
        self.time_bin = CheckedText(self._read_bin, number_text(1.0))
        self.time_bin_chosen = False
        self._suggesting = Muted()
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
        self.time_bin.observe(lambda _change: self._time_bin_typed(), names="value")
        fields = row(*self._labelled.values())
        super().__init__([card("Product", self.kind, fields, self.message, catalogue, *below)])
        self._show_fields()

    @property
    def value(self) -> str:
        """Name of the method of a site that makes it: image, spectra or light_curves."""
        return str(self.kind.value)

    def read(self) -> float | None:
        """Return the value of the field that only the chosen product has; None without one.

        Raises
        ------
        BadParameter
            If it is not valid.
        """
        field = self._fields.get(self.value)
        value: float | None = None if field is None else field.read()
        return value

    def choose(self, kind: str) -> None:
        """Choose a product: image, spectra or light_curves.

        Raises
        ------
        BadParameter
            If the instrument does not make it.
        """
        if kind not in self._offered:
            only = " and ".join(f"{product_word(one).lower()}s" for one in self._offered)
            limit = f"{self._instrument.label} makes {only} only"
            advice = "Choose another instrument in the form."
            raise BadParameter("product", product_word(kind).lower(), limit, advice)
        self.kind.value = kind

    def show(self, query: AnyQuery) -> None:
        """Show the product of a query, and the fields that only this product has."""
        if isinstance(query, ImageQuery):
            self.threshold.value = number_text(query.detection_threshold)
        if isinstance(query, LightCurveQuery):
            self.time_bin.value = number_text(query.time_bin)
            self.time_bin_chosen = True
        if kind_of(query) in self._offered:  # a survey is not started here
            self.kind.value = kind_of(query)

    def use_instrument(self, instrument: Instrument) -> None:
        """Offer the products that an instrument has; the chosen one stays if it is among them."""
        self._instrument = instrument
        offered = [(text, name) for text, name in PRODUCTS if _KINDS[name] in instrument.products]
        chosen = self.value
        self.kind.options = offered
        if chosen in self._offered:
            self.kind.value = chosen
        self._show_fields()

    def draw(self, state: FormState) -> None:
        """Show the product and the fields of a session's form."""
        self.threshold.value, self.time_bin.value = state.threshold, state.time_bin
        self.time_bin_chosen = state.time_bin_chosen
        if state.product in self._offered:
            self.kind.value = state.product

    def suggest_time_bin(self, seconds: float) -> None:
        """Use a bin width, unless another was typed or came with a link."""
        if not self.time_bin_chosen:
            with self._suggesting:
                self.time_bin.value = number_text(seconds)

    @property
    def _offered(self) -> list[str]:
        return [name for _, name in self.kind.options]

    def _read_bin(self, text: str) -> float:
        return number_within("time_bin", text, *self._instrument.time_bins, "s")

    def _time_bin_typed(self) -> None:
        if not self._suggesting:
            self.time_bin_chosen = True

    def _edited(self) -> None:
        self._show_fields()
        self._on_change()

    def _show_fields(self) -> None:
        """Show the fields of the chosen product, and their errors."""
        for kind, box in self._labelled.items():
            box.layout.display = "" if kind == self.value else "none"
        fitted = self.value != "image" and self._instrument.sources
        self._catalogue.layout.display = "" if fitted else "none"
        field = self._fields.get(self.value)
        if field is None or field.problem is None:
            self.message.clear()
        else:
            self.message.show(field.problem)
