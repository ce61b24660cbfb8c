"""Results of a fit beyond its parameters: flux in a band, upper limits, contours."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from html import escape
from typing import Any

from ipywidgets import HTML, Dropdown, VBox

from oda_widgets.errors import JobError
from oda_widgets.fitting.errors.contour import Contour
from oda_widgets.fitting.result import Fit
from oda_widgets.panels.card import button, labelled, row
from oda_widgets.panels.stage import Stage
from oda_widgets.request.numbers import number_within
from oda_widgets.views.contours import ContourView
from oda_widgets.views.field_words import in_field_words
from oda_widgets.views.fields import number_field, number_text

_UNITS = {"erg/cm²/s": "erg", "photons/cm²/s": "photons"}
LIMIT_LEVEL = 0.95
_INDEX = re.compile(r"ind(e?x)|alpha|beta|gamma|factor", re.IGNORECASE)
CONTOUR_POINTS = 25  # along each side of the grid


class FitMeasures(VBox):  # type: ignore[misc]  # ipywidgets publishes no types
    """Measures fluxes, limits and contours of a fit; each button has a method of its name.

    Parameters
    ----------
    fit
        Returns the fit, or raises an `OdaError` if there is none.
    in_background
        Calls a function in a thread, and shows its errors.
    stage
        Makes the changes that come from this thread.
    on_view
        Called after a measurement.
    """

    def __init__(
        self,
        fit: Callable[[], Fit],
        in_background: Callable[[Callable[[], object]], object],
        stage: Stage,
        on_view: Callable[[], object] = list,
    ) -> None:
        self._fit, self._stage, self._on_view = fit, stage, on_view
        self.low = number_field("low", 20, 0.01, 1e6, "keV")
        self.high = number_field("high", 100, 0.01, 1e6, "keV")
        self.unit = Dropdown(options=_UNITS)
        self.first, self.second = Dropdown(options=[]), Dropdown(options=[])
        self.limited = Dropdown(options=[])
        self.found: list[str] = []
        self.done: list[tuple[str, ...]] = []  # measurements of this fit, in order
        self.text = HTML()
        self.text.add_class("oda-found")
        self.place = VBox()
        self._measured: object = None  # the fit that the results belong to
        for field in (self.low, self.high):
            field.add_class("oda-narrow")
        acts = {
            "Flux": ("Flux of the model in this band, with its errors", self.flux),
            "Upper limit": ("One-sided upper limit of the parameter, 95 %", self.upper_limit),
            "Contour": ("Lines of equal confidence of the two parameters", self.contour),
        }
        buttons = {}
        for name, (tooltip, act) in acts.items():
            buttons[name] = button(name, tooltip, "oda-chip")
            buttons[name].on_click(lambda _button, act=act: in_background(act))
        super().__init__(
            [
                row(
                    labelled("From (keV)", self.low),
                    labelled("to (keV)", self.high),
                    labelled("in", self.unit),
                    buttons["Flux"],
                    labelled("Parameter", self.limited),
                    buttons["Upper limit"],
                    labelled("Parameters", self.first),
                    labelled("and", self.second),
                    buttons["Contour"],
                ),
                self.text,
                self.place,
            ]
        )
        self.add_class("oda-fit-measures")

    def show(self, fit: Fit) -> None:
        """Offer the free parameters of a fit; remove the results of another one."""
        free = list(fit.parameters.free)
        for control, place in (
            (self.first, 0),
            (self.second, 1),
            (self.limited, _default_to_limit(free)),
        ):
            if list(control.options) != free:
                control.options = free
                control.value = free[min(place, len(free) - 1)] if free else None
        measured = (id(fit), fit.statistic)
        if measured != self._measured:
            self._measured, self.found, self.done = measured, [], []
            self.text.value = ""
            self.place.children = ()

    def flux(self) -> str:
        """Find the flux in the band, and show it in words; with its upper limit if it may be 0."""
        return self._flux(self.low.read(), self.high.read(), str(self.unit.value))

    def _flux(self, low: float, high: float, unit: str) -> str:
        fit = self._fit()
        found = fit.flux(low, high, unit=unit)
        words = str(found)
        if not found.interval.low > 0:
            words += f"; {fit.flux_limit(low, high, unit=unit, level=LIMIT_LEVEL)}"
        return self._report(words, "flux", number_text(low), number_text(high), unit)

    def upper_limit(self) -> str:
        """Find the upper limit of the first parameter, and show it in words."""
        return self._limit(self._chosen_parameter(self.limited))

    def _limit(self, name: str) -> str:
        return self._report(str(self._fit().upper_limit(name, LIMIT_LEVEL)), "limit", name)

    def contour(self) -> Contour:
        """Draw the contour of the two parameters."""
        return self._contour(
            self._chosen_parameter(self.first), self._chosen_parameter(self.second)
        )

    def _contour(self, first: str, second: str) -> Contour:
        found = self._fit().contour(first, second, points=CONTOUR_POINTS)
        self._stage(lambda: setattr(self.place, "children", (ContourView(found),)))
        self.remember("contour", first, second)
        return found

    @property
    def controls(self) -> dict[str, Any]:
        """The controls, by the names under which a session keeps them."""
        return {
            "flux_low": self.low, "flux_high": self.high, "flux_unit": self.unit,
            "limited": self.limited, "first": self.first, "second": self.second,
        }  # fmt: skip

    def again(self, what: str, *words: str) -> None:
        """Repeat a measurement of `done`."""
        if what == "flux" and len(words) == 3 and words[2] in _UNITS.values():
            low, high = (number_within("energy", word, 0.01, 1e6, "keV") for word in words[:2])
            self._flux(low, high, words[2])
        elif what == "limit" and len(words) == 1:
            self._limit(*words)
        elif what == "contour" and len(words) == 2:
            self._contour(*words)

    def remember(self, *words: str) -> None:
        """Note a measurement in `done`, for the session."""
        one_only = words[0] == "contour"  # the latest is on show
        self.done = [
            known
            for known in self.done
            if known != words and not (one_only and known[0] == words[0])
        ]
        self.done.append(words)
        self._on_view()

    def _chosen_parameter(self, control: Dropdown) -> str:
        if control.value is None:
            raise JobError("The fit has no free parameter.", "Free one in the table.")
        return str(control.value)

    def note(self, text: str) -> None:
        """Add a result to the list, below those that are there."""
        if text not in self.found:
            self.found.append(text)
        items = "".join(f"<li>{escape(in_field_words(found))}</li>" for found in self.found)
        self.text.value = f"<ul>{items}</ul>"

    def _report(self, text: str, *words: str) -> str:
        self._stage(lambda: self.note(text))
        self.remember(*words)
        return text


def _default_to_limit(names: Sequence[str]) -> int:
    """Return the place of the parameter to limit by default: a norm, else one that is no index."""
    norms = [place for place, name in enumerate(names) if name.endswith("norm")]
    others = [place for place, name in enumerate(names) if not _INDEX.search(name)]
    return next(iter([*norms, *others]), 0)
