"""Fitting a spectrum on the page: choose a model, move its parameters, fit, errors, chain."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from html import escape
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Thread
from typing import Any

from ipywidgets import Dropdown, Text, VBox

from oda_widgets.abilities import abilities
from oda_widgets.errors import BadParameter, JobError, OdaError
from oda_widgets.fitting.chains.chain import Chain
from oda_widgets.fitting.chains.sampling import Progress
from oda_widgets.fitting.errors.profile import Errors
from oda_widgets.fitting.fit import fitted
from oda_widgets.fitting.models.choices import NO_CHOICES, Choices
from oda_widgets.fitting.prepare import prepare
from oda_widgets.fitting.result import Fit
from oda_widgets.fitting.table import percent
from oda_widgets.panels.card import button, card, labelled, quiet, row
from oda_widgets.panels.fit_choices import (
    CHOICES,
    PRIORS,
    default_model,
    free_values,
    labelled_range,
    model_menu,
    range_fields,
)
from oda_widgets.panels.fit_measures import FitMeasures
from oda_widgets.panels.fit_parameters import ParameterTable, RowValues, choices_of
from oda_widgets.panels.stage import Stage
from oda_widgets.panels.style import STYLED, style
from oda_widgets.products.spectrum import Spectrum
from oda_widgets.views.corner import ChainView
from oda_widgets.views.download import DownloadButton
from oda_widgets.views.field_words import in_field_words
from oda_widgets.views.fields import number_field, whole_number_field
from oda_widgets.views.fit_view import FitView
from oda_widgets.views.labels import distinct_labels
from oda_widgets.views.message import Message, shown_in
from oda_widgets.views.muted import Muted
from oda_widgets.views.without_kernel import WithoutKernel

_CHAIN_STEPS, _FEWEST_STEPS, _MOST_STEPS = 1000, 10, 1_000_000


class FitPanel(WithoutKernel, VBox):  # type: ignore[misc]  # ipywidgets publishes no types
    """Fits one or several spectra; each button has a method of its name.

    Parameters
    ----------
    spectra
        Spectra to fit.
    model
        To begin with; by default a power law, for several spectra with a factor between them.
    begin
        Called with the panel for the first fit; by default that is a fit from guessed values.
    on_view
        Called after each change that a session keeps.
    """

    def __init__(
        self,
        spectra: Spectrum | Sequence[Spectrum],
        model: str = "",
        begin: Callable[[FitPanel], object] | None = None,
        on_view: Callable[[], object] = list,
    ) -> None:
        self.spectra = [spectra] if isinstance(spectra, Spectrum) else list(spectra)
        self.fit: Fit | None = None
        self.chain: Chain | None = None
        self.view: FitView | None = None
        self.muted = Muted()  # while the panel sets its own controls
        self._on_view = on_view
        self._stage = Stage()
        self._cancel = Event()
        self.menu = Dropdown(options=model_menu(len(self.spectra)), value="")
        self.model = Text(value=model or default_model(len(self.spectra)), continuous_update=False)
        self.ranges = [range_fields(spectrum) for spectrum in self.spectra]
        self.statistic = Dropdown(options=CHOICES, value="")
        self.systematic = number_field("systematic", 0, 0, 50, "%")
        self.systematic.tooltip = "Systematic error of the rate in each channel"
        self.prior = Dropdown(options=PRIORS, value="flat", tooltip="Priors of the chain")
        self.prior.layout.width = "150px"
        self.steps = whole_number_field("steps", _CHAIN_STEPS, _FEWEST_STEPS, _MOST_STEPS)
        self.steps.tooltip = "Steps of the chain"
        self.steps.add_class("oda-narrow")
        self.longer_button = button("", "Go on with the chain: the steps that are done stay")
        self.longer_button.on_click(lambda _button: self.in_background(self.sample))
        self.longer_button.layout.display = "none"
        self.message = Message()
        self.status = quiet()
        self.status.add_class("oda-fit-notes")  # they are read before the results are used
        self.table = ParameterTable(self._follow_table, self._follow_table)
        self.measures = FitMeasures(self.present, self.in_background, self._stage, on_view)
        self.place = VBox()
        self.chain_place = VBox()
        self._buttons = _buttons(self)
        self.menu.observe(self._menu_chosen, names="value")
        for control in (self.model, self.statistic):
            control.observe(lambda _change: self._model_changed(), names="value")
        for field in (*(end for pair in self.ranges for end in pair), self.systematic):
            field.observe(lambda _change: self._check_fields(), names="value")
        for control in (self.prior, self.steps):
            control.observe(lambda _change: on_view(), names="value")
        for control in self.measures.controls.values():
            control.observe(lambda _change: on_view(), names="value")
        # Numbers and figure stand together; measurements stand below.
        measured = card("Flux, limits and contours", self.measures)
        super().__init__([style(), self._form(), self.place, measured, self.chain_place])
        self.add_class(STYLED)  # it stands alone, too
        self.add_class("oda-fit-panel")
        self.attempt(self.run_fresh if begin is None else lambda: begin(self))

    @property
    def still(self) -> dict[str, str]:
        """The picture that a notebook shows without its kernel."""
        return abilities().still(self.fit)

    def run_fresh(self) -> Fit:
        """Fit the model from values guessed from the data."""
        return self._run(NO_CHOICES)

    def run(self) -> Fit:
        """Fit the model from the values, with the limits and links, of the table."""
        return self._run(self.table.choices)

    def run_from(self, rows: Mapping[str, RowValues]) -> Fit:
        """Fit the model from the values, with the limits and links, of other rows."""
        return self._run(choices_of(rows))

    def measure_again(self, measured: Sequence[Sequence[str]]) -> None:
        """Repeat the measurements of `FitMeasures.done` that a session kept."""
        for what, *words in measured:
            if what == "errors":
                self.errors()
            elif what == "chain":
                self.sample()
            else:
                self.measures.again(what, *words)

    def errors(self) -> Errors:
        """Find the errors of all free parameters by profile."""
        fit = self.present()
        self._cancel.clear()
        self._stage(lambda: self._offer_cancel(offered=True))
        try:
            tell = self._progress_of("Errors", "parameters", every=1)
            found = fit.errors(progress=tell, cancel=self._cancel)
        finally:
            self._stage(self._chain_ended)
        self._show(fit)
        self.measures.remember("errors")
        return found

    def sample(self, steps: int | None = None, seed: int = 0) -> Chain:
        """Sample the parameters and show the corner plot; by default as many steps as typed."""
        steps = int(self.steps.read()) if steps is None else steps
        self._cancel.clear()
        self._stage(lambda: self._offer_cancel(offered=True))
        try:
            return self._sample_and_show(steps, seed)
        finally:
            self._stage(self._chain_ended)

    def _sample_and_show(self, steps: int, seed: int) -> Chain:
        sampled = self.present().chain(
            steps, seed=seed, progress=self._progress_of("Chain", "steps"), cancel=self._cancel
        )
        self.chain = chain = sampled.with_prior(
            self.prior.value, progress=self._progress_of("Prior", "samples"), cancel=self._cancel
        )
        self._stage(lambda: self._show_chain(chain))
        self.measures.remember("chain")
        return chain

    def cancel(self) -> None:
        """Stop a chain, whose parts that are done are kept, or a search for errors."""
        self._cancel.set()

    def _chain_ended(self) -> None:
        """Show the notes of the fit in place of the progress of its chain or errors."""
        self._offer_cancel(offered=False)
        self._show_status(" ".join(map(escape, self.present().notes)))

    def _offer_cancel(self, *, offered: bool) -> None:
        self._buttons[-1].disabled = not offered

    def xcm(self) -> bytes:
        """Return model and parameters as a command file of XSPEC."""
        with TemporaryDirectory() as folder:
            self.present().write_xcm(Path(folder) / "fit.xcm")
            return (Path(folder) / "fit.xcm").read_bytes()

    def pdf(self) -> bytes:
        """Return the figure of the fit for a paper."""
        return abilities().picture(self.present(), "pdf")

    def latex(self) -> bytes:
        """Return the table of parameters for a paper."""
        return self.present().table("latex").encode()

    def csv(self) -> bytes:
        """Return the table of parameters for a spreadsheet."""
        return self.present().table("csv").encode()

    def _run(self, choices: Choices) -> Fit:
        ranges = self._read_ranges()
        systematic = self.systematic.read() / 100.0 or None
        statistic = self.statistic.value or None
        recipe = prepare(self.spectra, self.model.value, ranges, systematic, statistic, choices)
        before = self.status.value
        self._show_status(f"Fitting {escape(self.model.value)} …")
        try:
            fit = fitted(recipe, choices.given)
        except BaseException:
            self._show_status(before)
            raise
        self.chain = None
        self.longer_button.layout.display = "none"
        self._show(fit)
        return fit

    def _read_ranges(self) -> list[tuple[float, float]]:
        """Return the range of energies of each spectrum, keV."""
        ranges = [(low.read(), high.read()) for low, high in self.ranges]
        for low, high in ranges:
            if not low < high:
                limit = "the lower end must be below the upper end"
                raise BadParameter("energy", (low, high), limit, "Swap them, or widen the range.")
        return ranges

    def _check_fields(self) -> None:
        """Show at once what is wrong with a field; the next fit reads it again."""
        if self.muted:
            return
        with shown_in(self.message):
            self._read_ranges()
            self.systematic.read()
        self._on_view()

    def _model_changed(self) -> None:
        if not self.muted:
            self.attempt(self.run_fresh)

    def _show(self, fit: Fit) -> None:
        fresh = self.fit is None or _terms_and_channels(self.fit) != _terms_and_channels(fit)
        self.fit = fit
        level = f"{percent(fit.last_errors.level)}, profile"
        errors = {name: f"{known.ends} ({level})" for name, known in fit.last_errors.items()}
        self.table.show(fit.parameters, errors)
        if fresh or self.view is None:
            drawn = {} if self.view is None else self.view.kept
            self.view = FitView(fit, on_view=self._on_view)
            self.view.leave_room()
            self.view.restore({**drawn, "zoom": ""})
            self.place.children = (self.view,)
            self.chain_place.children = ()
        else:
            self.view.show(fit)
        self.measures.show(fit)
        self._show_status(" ".join(map(escape, fit.notes)))
        self._mark_menu()
        self._on_view()

    def _mark_menu(self) -> None:
        """Let the menu show the model in use, or nothing if the menu does not offer it."""
        known = {value for _, value in self.menu.options}
        with self.muted:
            self.menu.value = self.model.value if self.model.value in known else ""

    def _follow_table(self) -> None:
        """Move the curves with the values of the table."""
        if self.fit is None or self.view is None:
            return
        with shown_in(self.message):
            self.view.update(free_values(self.fit.problem, self.fit.parameters, self.table.values))
        self._on_view()

    def present(self) -> Fit:
        """Return the fit on show.

        Raises
        ------
        JobError
            If there is none.
        """
        if self.fit is None:
            raise JobError("There is no fit yet.", "Choose a model and press Fit.")
        return self.fit

    def _menu_chosen(self, change: dict[str, Any]) -> None:
        if change["new"] and not self.muted:
            self.model.value = change["new"]

    def attempt(self, act: Callable[[], object]) -> None:
        """Call a function, and show its error."""
        with shown_in(self.message):
            act()

    def in_background(self, act: Callable[[], object]) -> None:
        """Call a function in a thread, and show its error."""

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

    def _progress_of(self, what: str, parts: str, every: int = 25) -> Progress:
        """Return a function that shows progress, such as "Chain: 50 of 100 steps"."""

        def tell(done: int, wanted: int) -> None:
            if done % every == 0 or done == wanted:
                self._stage(lambda: self._show_status(f"{what}: {done} of {wanted} {parts}"))

        return tell

    def _show_status(self, text: str) -> None:
        self.status.value = text

    def _show_chain(self, chain: Chain) -> None:
        self.measures.note(f"Chain, {self.prior.label}: {chain.verdict}")
        view = ChainView(chain)
        view.summary.value = in_field_words(view.summary.value)
        self.chain_place.children = (view,)
        self._offer_longer(chain)

    def _offer_longer(self, chain: Chain) -> None:
        """Offer to go on to as many steps as the chain needs to be certain, if it is not."""
        wanted = chain.wanted_steps
        self.longer_button.layout.display = "none" if wanted is None else ""
        if wanted is not None:
            self.steps.value = str(wanted)
            self.longer_button.description = f"Go on to {wanted:,} steps"

    def _form(self) -> VBox:
        names = distinct_labels(self.spectra) if len(self.spectra) > 1 else [""]
        ranges = [
            labelled_range(name, controls)
            for name, controls in zip(names, self.ranges, strict=True)
        ]
        choice = row(
            labelled("Models", self.menu),
            labelled("Model, in XSPEC's notation", self.model),
            *ranges,
            labelled("Statistic", self.statistic),
            labelled("Systematic error (%)", self.systematic),
        )
        choice.add_class("oda-fit-choice")
        *others, cancel = self._buttons
        actions = row(
            *others,
            labelled("Steps", self.steps),
            labelled("Priors", self.prior),
            self.longer_button,
            cancel,
            DownloadButton("fit.tex", self.latex, "LaTeX"),
            DownloadButton("fit.csv", self.csv, "CSV"),
            DownloadButton("fit.xcm", self.xcm, "XSPEC (xcm)"),
            DownloadButton("fit.pdf", self.pdf, "PDF"),
        )
        actions.add_class("oda-fit-actions")
        return card("Fit", choice, self.table, actions, self.message, self.status)


def _buttons(panel: FitPanel) -> list[Any]:
    made: list[Any] = []
    actions: list[tuple[str, str, str, Callable[[], object]]] = [
        ("Fit", "Fit from the values of the table", "oda-primary",
         lambda: panel.attempt(panel.run)),
        ("Errors", "Find errors by profile", "oda-chip",
         lambda: panel.in_background(panel.errors)),
        ("Chain", "Sample the parameters", "oda-chip",
         lambda: panel.in_background(panel.sample)),
        ("Cancel", "Stop the chain or the search for errors", "oda-chip", panel.cancel),
    ]  # fmt: skip
    for text, tooltip, look, act in actions:
        control = button(text, tooltip, look)
        control.on_click(lambda _button, act=act: act())
        made.append(control)
    made[-1].disabled = True  # until there is something to stop
    return made


def _terms_and_channels(fit: Fit) -> tuple[str, list[int]]:
    """Return the terms and channels of a fit: a figure can show fits of equal shape."""
    return fit.model, [data.matrix.shape[1] for data in fit.datasets]
