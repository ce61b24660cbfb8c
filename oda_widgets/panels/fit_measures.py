"""What a fit says beyond its parameters: flux in a band, upper limits, contours."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from html import escape

from ipywidgets import HTML, Dropdown, VBox

from oda_widgets.errors import JobError
from oda_widgets.fitting.errors.contour import Contour
from oda_widgets.fitting.result import Fit
from oda_widgets.panels.card import button, labelled, row
from oda_widgets.panels.stage import Stage
from oda_widgets.views.contours import ContourView
from oda_widgets.views.fields import number_field

_UNITS = {"erg/cm²/s": "erg", "photons/cm²/s": "photons"}
_LIMIT_LEVEL = 0.95
_INDEX = re.compile(r"ind(e?x)|alpha|beta|gamma|factor", re.IGNORECASE)
_CONTOUR_POINTS = 41  # along each axis; fewer break the lines of correlated parameters


class FitMeasures(VBox):  # type: ignore[misc]  # ipywidgets publishes no types
    """Measures a fit; each button has a method that does the same.

    Parameters
    ----------
    fit
        Returns the fit, or raises an `OdaError` if there is none.
    in_background
        Does what takes long beside the notebook, and shows its errors.
    stage
        Makes the changes that come from there.
    """

    def __init__(
        self,
        fit: Callable[[], Fit],
        in_background: Callable[[Callable[[], object]], object],
        stage: Stage,
    ) -> None:
        self._fit, self._stage = fit, stage
        self.low = number_field("low", 20, 0.01, 1e6, "keV")
        self.high = number_field("high", 100, 0.01, 1e6, "keV")
        self.unit = Dropdown(options=_UNITS)
        self.first, self.second = Dropdown(options=[]), Dropdown(options=[])
        self.limited = Dropdown(options=[])
        self.found: list[str] = []
        self.text = HTML()
        self.text.add_class("oda-found")
        self.place = VBox()
        self._measured: object = None  # what the results belong to
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
                ),
                row(
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
        """Offer the free parameters of a fit; what was measured of another one is gone."""
        free = list(fit.parameters.free)
        for control, place in ((self.first, 0), (self.second, 1), (self.limited, _to_limit(free))):
            if list(control.options) != free:
                control.options = free
                control.value = free[min(place, len(free) - 1)] if free else None
        measured = (id(fit), fit.statistic)
        if measured != self._measured:
            self._measured, self.found = measured, []
            self.text.value = ""
            self.place.children = ()

    def flux(self) -> str:
        """Find the flux in the band, and show it in words; with its upper limit if it may be 0."""
        fit, low, high = self._fit(), self.low.read(), self.high.read()
        found = fit.flux(low, high, unit=self.unit.value)
        if found.interval.low > 0:
            return self._say(str(found))
        limit = fit.flux_limit(low, high, unit=self.unit.value, level=_LIMIT_LEVEL)
        return self._say(f"{found}; {limit}")

    def upper_limit(self) -> str:
        """Find the upper limit of the first parameter, and show it in words."""
        name = self._named(self.limited)
        return self._say(str(self._fit().upper_limit(name, _LIMIT_LEVEL)))

    def contour(self) -> Contour:
        """Draw the contour of the two parameters."""
        pair = self._named(self.first), self._named(self.second)
        found = self._fit().contour(*pair, points=_CONTOUR_POINTS)
        self._stage(lambda: setattr(self.place, "children", (ContourView(found),)))
        return found

    def _named(self, control: Dropdown) -> str:
        if control.value is None:
            raise JobError("The fit has no free parameter.", "Free one in the table.")
        return str(control.value)

    def note(self, text: str) -> None:
        """Add a result to the list, below those that are there."""
        if text not in self.found:
            self.found.append(text)
        items = "".join(f"<li>{escape(found)}</li>" for found in self.found)
        self.text.value = f"<ul>{items}</ul>"

    def _say(self, text: str) -> str:
        self._stage(lambda: self.note(text))
        return text


def _to_limit(names: Sequence[str]) -> int:
    """Return the place of the parameter whose limit is wanted first: a norm, else no index."""
    norms = [place for place, name in enumerate(names) if name.endswith("norm")]
    others = [place for place, name in enumerate(names) if not _INDEX.search(name)]
    return next(iter([*norms, *others]), 0)
