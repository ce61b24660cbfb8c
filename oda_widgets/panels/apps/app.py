"""A function of a notebook as a page: controls, figures beside published numbers, code."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import partial
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ipywidgets import VBox

from oda_widgets.panels.apps.answer import Choices, Function, Part, Run
from oda_widgets.panels.apps.controls import control_of, field_of, follow_link, link_of
from oda_widgets.panels.apps.figures import Figures
from oda_widgets.panels.apps.published import read_references
from oda_widgets.panels.apps.recording import Answer, AppRecording
from oda_widgets.panels.apps.take_home import identity_of, script_of
from oda_widgets.panels.card import button, quiet, row
from oda_widgets.panels.code_to_take_home import CodeToTakeHome
from oda_widgets.panels.page import Page
from oda_widgets.panels.stage import Act, Stage
from oda_widgets.panels.style import STYLED, style
from oda_widgets.views.message import Message, shown_in
from oda_widgets.views.without_kernel import WithoutKernel

if TYPE_CHECKING:
    from oda_widgets.backend.site import Site

RECORDED = "recorded"
"""Folder of the recordings, beside the notebooks."""
DATA = "data"
"""Folder of the published numbers."""
THREAD = "oda-widgets-app"
"""Name of the thread in which an answer is computed."""

_COMPUTED = "computed before"


class App(WithoutKernel, VBox):  # type: ignore[misc]  # ipywidgets publishes no types
    """A page that shows what a function yields, at once if it was recorded.

    Parameters
    ----------
    site
        From ``oda_widgets.connect()``.
    function
        Called with the site and a value for each control; yields one figure after the other:
        its name, a product or a fit, its numbers by their names, and options of `plot`, such as
        the light curves beside it; the last two may be missing.
    name
        Name of the notebook: published numbers are in ``data/NAME.csv``, recorded answers in
        ``recorded/NAME.zip``, beside it.
    controls
        For each further argument of the function its values, the first one to begin with.

    Raises
    ------
    BadParameter
        If a control has no values.

    Examples
    --------
    >>> def bursts(site, energy):
    ...     image = site.image("SGR 1935+2154", energy=energy)
    ...     yield "The sky", image, {"sources": len(image.catalog)}
    >>> app = App(site, bursts, "bursts", energy=[(28, 80), (80, 150)])
    >>> app.compute()
    >>> app.parts[0].values["sources"].value
    2.0
    """

    def __init__(
        self, site: Site, function: Function, name: str, **controls: Sequence[Any]
    ) -> None:
        self.site, self.function, self.name = site, function, name
        self.references = read_references(Path(DATA) / f"{name}.csv")
        path, code = Path(RECORDED) / f"{name}.zip", identity_of(function)
        self.recording = AppRecording(path, name, code, site.connection)
        self.controls = {one: control_of(one, values) for one, values in controls.items()}
        self._stage = Stage()
        self._run: Run | None = None
        self._mark_when_old = _COMPUTED  # shown with the figures while new ones are computed
        self._make_parts()
        lines = [self._line, self.link_message, self.state, self.message]
        columns = [*lines, self._figures, self._code]
        super().__init__([style(), *columns, self.page])
        self.add_class(STYLED)
        self.add_class("oda-app")
        for control in self.controls.values():
            control.observe(lambda _change: self._choices_changed(), names="value")
        self.show_recorded()

    @property
    def parts(self) -> tuple[Part, ...]:
        """The figures that are shown."""
        return self._figures.parts

    @property
    def choices(self) -> Choices:
        """The values of the controls."""
        return {name: control.value for name, control in self.controls.items()}

    def show_recorded(self) -> bool:
        """Show the recorded answer for the choices.

        Without one, return False and show a message that says why.
        """
        with shown_in(self.message):
            answer = self.recording.read(self.choices)
            self._clear()
            for part in answer.parts:
                self._show(part)
            self.state.value = _recorded_words(answer)
            self._mark_when_old = f"from the recording of {answer.made}"
        return not self.message.value

    def compute(self) -> None:
        """Compute the answer for the choices, and show each figure as it comes."""
        self._follow(self._begin())

    def compute_behind(self) -> None:
        """Compute in the background, so that the page stays alive."""
        follow = partial(self._follow, self._begin())
        threading.Thread(target=follow, name=THREAD, daemon=True).start()

    def stop(self) -> None:
        """Stop the computation that runs, if one does; a fit or a chain ends first."""
        if self._run is not None:
            self._run.stop()

    def _begin(self) -> Run:
        """Return a run for the choices, which replaces the one before."""
        self.stop()
        run = self._run = Run(self.function, self.site, self.choices, self._show_progress)
        self._figures.expect(self._mark_when_old)
        self._show_code()
        self._show_running(running=True)
        return run

    def _follow(self, run: Run) -> None:
        """Show the figures of a run as they come, then how it ended."""
        change = partial(self._change_page, run)
        with shown_in(self.message, change):
            for part in run.parts():
                change(partial(self._show, part))
            change(partial(self._say_computed, run))
        change(self._end)

    def _end(self) -> None:
        """Show that the run has ended; an error message stands instead of the state."""
        self._show_running(running=False)
        if self.message.value:
            self.state.value = ""

    def _change_page(self, run: Run, act: Act) -> None:
        """Change the page for a run, unless another has taken its place or choices were made."""
        self._stage(lambda: act() if run is self._run else None)

    def _make_parts(self) -> None:
        self.compute_button = button("Compute again", "Compute all figures now", "oda-primary")
        self.compute_button.on_click(lambda _button: self.compute_behind())
        self.stop_button = button("Stop", "Stop this computation", "oda-chip")
        self.stop_button.on_click(lambda _button: self._stop_pressed())
        self.stop_button.layout.display = "none"
        fields = [field_of(name, one) for name, one in self.controls.items()]
        self._line = row(*fields, self.compute_button, self.stop_button)
        self.state, self.message, self.link_message = quiet(), Message(), Message()
        self._figures = Figures(self.references)
        self._code = CodeToTakeHome("The code of this page")
        self.page = Page(
            lambda link, _kept: self._page_drawn(link), self._link_changed, lambda _key: None
        )

    def _page_drawn(self, link: str) -> None:
        """Open the stage as the page is drawn, and follow the choices in its address."""
        self._stage.open()
        self._link_changed(link)

    def _link_changed(self, link: str) -> None:
        """Choose the values in a link; report those that do not exist, and correct the address."""
        problems = follow_link(self.controls, link)
        if problems:
            self.link_message.note(problems)
            self.page.show_address(link_of(self.controls), replace=True)

    def _stop_pressed(self) -> None:
        self.stop()
        self.state.value = "Stopping; a fit or a chain ends first."

    def _choices_changed(self) -> None:
        """Show the recorded answer for new choices, or compute it."""
        self.stop()
        self._run = None  # so that its later reports are ignored
        self._show_running(running=False)
        self.link_message.clear()
        self.page.show_address(link_of(self.controls))
        if not self.show_recorded():
            self.message.clear()
            self._clear()
            self.compute_behind()

    def _clear(self) -> None:
        self._figures.clear()
        self.state.value = ""
        self._show_code()

    def _show_code(self) -> None:
        self._code.show(script_of(self.function, self.choices, self.site.connection))

    def _show(self, part: Part) -> None:
        self._figures.show(part, self.choices)

    def _show_progress(self, run: Run, words: str, fraction: float) -> None:
        """Show how far a run is."""
        self._change_page(run, lambda: self._say_progress(f"{fraction:.0%}, {words}"))

    def _say_progress(self, progress: str) -> None:
        self.state.value = escape(f"Computing figure {self._figures.fresh + 1}: {progress}.")

    def _say_computed(self, run: Run) -> None:
        self._figures.end()
        self._mark_when_old = _COMPUTED
        took = _duration(sum(part.seconds for part in self.parts))
        self.state.value = escape(f"{run.origin}, by {self.site.name}, in {took}.")

    def _show_running(self, *, running: bool) -> None:
        """Show whether a computation runs."""
        self.stop_button.layout.display = "" if running else "none"
        self.compute_button.disabled = running


def _recorded_words(answer: Answer) -> str:
    took = _duration(answer.seconds)
    return escape(f"Recorded on {answer.made}: {answer.site}; computing it took {took}.")


def _duration(seconds: float) -> str:
    return f"{seconds / 60:.0f} min" if seconds > 90 else f"{seconds:.0f} s"
