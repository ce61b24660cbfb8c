"""Fitting a spectrum on the page: choose a model, move its parameters, fit, errors, chain."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Event, Thread
from typing import Any

import numpy as np
from ipywidgets import BoundedFloatText, Dropdown, Text, VBox

from oda_widgets.errors import JobError, OdaError
from oda_widgets.fitting.chains.chain import Chain
from oda_widgets.fitting.chains.sampling import Progress
from oda_widgets.fitting.errors.profile import Errors
from oda_widgets.fitting.fit import fitted
from oda_widgets.fitting.models.choices import NO_CHOICES, Choices
from oda_widgets.fitting.models.parameters import Parameters
from oda_widgets.fitting.prepare import prepare
from oda_widgets.fitting.problem import Problem
from oda_widgets.fitting.result import Fit
from oda_widgets.panels.card import button, card, labelled, quiet, row
from oda_widgets.panels.fit_parameters import ParameterTable
from oda_widgets.panels.stage import Stage
from oda_widgets.panels.style import STYLED, style
from oda_widgets.products.spectrum import Spectrum
from oda_widgets.views.corner import ChainView
from oda_widgets.views.download import DownloadButton
from oda_widgets.views.fit_view import FitView
from oda_widgets.views.message import Message, shown_in

# What sources of INTEGRAL are fitted with, by physics.
MODELS: dict[str, tuple[str, ...]] = {
    "Power laws": ("powerlaw", "cutoffpl", "bknpower", "grbm", "highecut*powerlaw", "pegpwrlw"),
    "Thermal": ("bbodyrad", "diskbb", "bremss", "powerlaw + gaussian"),
    "Comptonised": ("compTT", "compPS", "bbodyrad + compTT", "diskbb + compbb"),
}
STATISTICS: dict[str, str] = {
    "the one that suits the data": "",
    "χ²: rates with errors": "chi2",
    "C: Poisson counts": "cstat",
    "W: Poisson counts of source and background": "wstat",
    "PG: Poisson counts, Gaussian background": "pgstat",
}
PRIORS: dict[str, str] = {"flat priors": "flat", "Jeffreys' prior": "jeffreys"}
_DEFAULT_RANGE = (30.0, 300.0)
_CHAIN_STEPS = 1000


class FitPanel(VBox):  # type: ignore[misc]  # ipywidgets publishes no types
    """Fits one or several spectra; what a button does, a method does.

    Parameters
    ----------
    spectra
        What to fit.
    model
        To begin with.
    """

    def __init__(self, spectra: Spectrum | Sequence[Spectrum], model: str = "powerlaw") -> None:
        self.spectra = [spectra] if isinstance(spectra, Spectrum) else list(spectra)
        self.fit: Fit | None = None
        self.chain: Chain | None = None
        self._stage = Stage()
        self._cancel = Event()
        self.menu = Dropdown(options=_menu(len(self.spectra)), value="")
        self.model = Text(value=model, continuous_update=False)
        self.ranges = [_range_controls(spectrum) for spectrum in self.spectra]
        self.statistic = Dropdown(options=STATISTICS, value="")
        self.systematic = BoundedFloatText(value=0.0, min=0.0, max=50.0, step=0.5)
        self.prior = Dropdown(options=PRIORS, value="flat", tooltip="Priors of the chain")
        self.prior.layout.width = "150px"
        self.message = Message()
        self.status = quiet()
        self.table = ParameterTable(self._moved, lambda: None)
        self.place = VBox()
        self.chain_place = VBox()
        self._buttons = _buttons(self)
        self.menu.observe(self._chosen, names="value")
        for control in (self.model, self.statistic):
            control.observe(lambda _change: self.attempt(self.run_fresh), names="value")
        super().__init__([style(), self._form(), self.place, self.chain_place])
        self.add_class(STYLED)  # it stands alone, too
        self.add_class("oda-fit-panel")
        with shown_in(self.message):
            self.run_fresh()

    def run_fresh(self) -> Fit:
        """Fit the model from values that are guessed from the data."""
        return self._run(NO_CHOICES)

    def run(self) -> Fit:
        """Fit the model from the values, with the limits and links, of the table."""
        return self._run(self.table.choices)

    def errors(self) -> Errors:
        """Find the errors of all free parameters by profile."""
        fit = self._present()
        found = fit.errors()
        self._show(fit)
        return found

    def sample(self, steps: int = _CHAIN_STEPS, seed: int = 0) -> Chain:
        """Sample the parameters and show the corner plot."""
        self._cancel.clear()
        sampled = self._present().chain(
            steps, seed=seed, progress=self._told("Chain", "steps"), cancel=self._cancel
        )
        self.chain = chain = sampled.with_prior(
            self.prior.value, progress=self._told("Prior", "samples"), cancel=self._cancel
        )
        self._stage(lambda: self._show_chain(chain))
        return chain

    def cancel(self) -> None:
        """Stop a chain; the parts that are done are kept."""
        self._cancel.set()

    def latex(self) -> bytes:
        """Return the table of parameters for a paper."""
        return self._present().table("latex").encode()

    def csv(self) -> bytes:
        """Return the table of parameters for a spreadsheet."""
        return self._present().table("csv").encode()

    def _run(self, choices: Choices) -> Fit:
        ranges = [(low.value, high.value) for low, high in self.ranges]
        systematic = self.systematic.value / 100.0 or None
        statistic = self.statistic.value or None
        recipe = prepare(self.spectra, self.model.value, ranges, systematic, statistic, choices)
        fit = fitted(recipe, choices.given)
        self.chain = None
        self._show(fit)
        return fit

    def _show(self, fit: Fit) -> None:
        fresh = self.fit is None or _shape(self.fit) != _shape(fit)
        self.fit = fit
        errors = {name: interval.ends for name, interval in fit.last_errors.items()}
        self.table.show(fit.parameters, errors)
        if fresh or not self.place.children:
            self.view = FitView(fit)
            self.place.children = (self.view,)
            self.chain_place.children = ()
        else:
            self.view.show(fit)
        self.status.value = " ".join(fit.notes)

    def _moved(self) -> None:
        """Move the curves with the values of the table."""
        if self.fit is None:
            return
        with shown_in(self.message):
            self.view.update(free_values(self.fit.problem, self.fit.parameters, self.table.values))

    def _present(self) -> Fit:
        if self.fit is None:
            raise JobError("There is no fit yet.", "Choose a model and press Fit.")
        return self.fit

    def _chosen(self, change: dict[str, Any]) -> None:
        if change["new"]:
            self.model.value = change["new"]

    def attempt(self, act: Callable[[], object]) -> None:
        """Do something, and show what goes wrong."""
        with shown_in(self.message):
            act()

    def in_background(self, act: Callable[[], object]) -> None:
        """Do what takes long beside the notebook; an error is shown when it comes."""

        def work() -> None:
            try:
                act()
            except OdaError as error:
                problem = error
                self._stage(lambda: self.message.show(problem))
            except Exception as error:  # noqa: BLE001 - the one place where a defect of ours ends
                defect = JobError(f"Something went wrong: {error}.", "Please report it.")
                self._stage(lambda: self.message.show(defect))

        self.message.clear()
        self._stage.open()
        Thread(target=work, name="oda-fit", daemon=True).start()

    def _told(self, what: str, parts: str) -> Progress:
        def tell(done: int, wanted: int) -> None:
            if done % 25 == 0 or done == wanted:
                self._stage(lambda: self._say(f"{what}: {done} of {wanted} {parts}"))

        return tell

    def _say(self, text: str) -> None:
        self.status.value = text

    def _show_chain(self, chain: Chain) -> None:
        self.status.value = chain.verdict
        self.chain_place.children = (ChainView(chain),)

    def _form(self) -> VBox:
        ranges = [
            _range_field(spectrum.name, controls)
            for spectrum, controls in zip(self.spectra, self.ranges, strict=True)
        ]
        choice = row(
            labelled("Models", self.menu),
            labelled("Model, in XSPEC's notation", self.model),
            *ranges,
            labelled("Statistic", self.statistic),
            labelled("Systematic error (%)", self.systematic),
        )
        *others, cancel = self._buttons
        actions = row(
            *others,
            self.prior,
            cancel,
            DownloadButton("fit.tex", self.latex, "LaTeX"),
            DownloadButton("fit.csv", self.csv, "CSV"),
        )
        actions.add_class("oda-fit-actions")
        return card("Fit", choice, self.table, actions, self.message, self.status)


def free_values(problem: Problem, parameters: Parameters, values: dict[str, float]) -> Any:
    """Return values of the free parameters, those of a table where it has them."""
    free = parameters.free
    wanted = [values.get(name, parameters[name].value) for name in free]
    return np.clip(np.array(wanted, dtype=float), problem.links.low, problem.links.high)


def _menu(n_spectra: int) -> list[tuple[str, str]]:
    """Return the models by physics; several spectra get a factor between them."""
    options = [("choose…", "")]
    for group, models in MODELS.items():
        for model in models:
            text = f"constant*({model})" if n_spectra > 1 else model
            options.append((f"{group}: {model}", text))
    return options


def _range_controls(spectrum: Spectrum) -> tuple[BoundedFloatText, BoundedFloatText]:
    good = spectrum.quality == 0
    low = float(spectrum.channel_low[good][0]) if good.any() else 1.0
    high = float(spectrum.channel_high[good][-1]) if good.any() else 1e4
    first, last = _DEFAULT_RANGE if low < 100 < high else (low, high)
    return (
        BoundedFloatText(value=max(first, low), min=0.1, max=1e5, step=1.0),
        BoundedFloatText(value=min(last, high), min=0.1, max=1e5, step=10.0),
    )


def _range_field(name: str, controls: tuple[BoundedFloatText, BoundedFloatText]) -> Any:
    field = labelled(f"From, to (keV): {name}", row(*controls))
    field.add_class("oda-fit-range")
    return field


def _buttons(panel: FitPanel) -> list[Any]:
    made: list[Any] = []
    actions: list[tuple[str, str, str, Callable[[], object]]] = [
        ("Fit", "Fit from the values of the table", "oda-primary",
         lambda: panel.attempt(panel.run)),
        ("Errors", "Find errors by profile", "oda-chip",
         lambda: panel.in_background(panel.errors)),
        ("Chain", "Sample the parameters", "oda-chip",
         lambda: panel.in_background(panel.sample)),
        ("Cancel", "Stop the chain", "oda-chip", panel.cancel),
    ]  # fmt: skip
    for text, tooltip, look, act in actions:
        control = button(text, tooltip, look)
        control.on_click(lambda _button, act=act: act())
        made.append(control)
    return made


def _shape(fit: Fit) -> tuple[str, list[int]]:
    """Return what decides whether a figure can show another fit: its terms and its channels."""
    return fit.model, [data.matrix.shape[1] for data in fit.datasets]
