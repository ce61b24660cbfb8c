"""A function of a notebook as a page: controls, figures beside published numbers, code."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import partial
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode

from ipywidgets import HTML, Dropdown, VBox

from oda_widgets.errors import BadParameter
from oda_widgets.panels.apps.answer import Choices, Function, Part, Run
from oda_widgets.panels.apps.comparison_table import comparison_table
from oda_widgets.panels.apps.drawing import view_of
from oda_widgets.panels.apps.published import compared, read_references
from oda_widgets.panels.apps.recording import Answer, AppRecording
from oda_widgets.panels.apps.take_home import script_of, source_of
from oda_widgets.panels.card import button, labelled, quiet, row
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

_MOST_REMARKS = 2


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
        self.parts: tuple[Part, ...] = ()
        self.references = read_references(Path(DATA) / f"{name}.csv")
        self.recording = AppRecording(Path(RECORDED) / f"{name}.zip", name, source_of(function))
        self.controls = {one: _control(one, values) for one, values in controls.items()}
        self._stage = Stage()
        self._run: Run | None = None
        self._make_parts()
        columns = [self._line, self.state, self.message, self._figures, self._code]
        super().__init__([style(), *columns, self.page])
        self.add_class(STYLED)
        self.add_class("oda-app")
        for control in self.controls.values():
            control.observe(lambda _change: self._chosen(), names="value")
        self.show_recorded()

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
        """Return a run for the choices, in the place of the one before."""
        self.stop()
        run = self._run = Run(self.function, self.site, self.choices, self._tell)
        self._running(running=True)
        return run

    def _follow(self, run: Run) -> None:
        """Show what a run yields, and how it ends."""
        change = partial(self._change, run)
        change(self._clear)
        with shown_in(self.message, change):
            for part in run.parts():
                change(partial(self._show, part))
            change(self._say_computed)
        change(self._end)

    def _end(self) -> None:
        """Show that nothing is computed any longer; where an error says why, nothing else does."""
        self._running(running=False)
        if self.message.value:
            self.state.value = ""

    def _change(self, run: Run, act: Act) -> None:
        """Change the page for a run, unless another has taken its place or choices were made."""
        self._stage(lambda: act() if run is self._run else None)

    def _make_parts(self) -> None:
        self.compute_button = button("Compute again", "Compute all figures now", "oda-primary")
        self.compute_button.on_click(lambda _button: self.compute_behind())
        self.stop_button = button("Stop", "Stop this computation", "oda-chip")
        self.stop_button.on_click(lambda _button: self._stop_pressed())
        self.stop_button.layout.display = "none"
        fields = [labelled(_label(name), one) for name, one in self.controls.items()]
        self._line = row(*fields, self.compute_button, self.stop_button)
        self.state, self.message = quiet(), Message()
        self._figures = VBox()
        self._figures.add_class("oda-app-figures")
        self._code = CodeToTakeHome("The code of this page")
        self.page = Page(lambda link, _kept: self._opened(link), self._moved, lambda _key: None)

    def _opened(self, link: str) -> None:
        """Open the stage as the page is drawn, and follow the choices in its address."""
        self._stage.open()
        self._moved(link)

    def _moved(self, link: str) -> None:
        words = dict(parse_qsl(link.lstrip("?")))
        for name, control in self.controls.items():
            for label, value in control.options:
                if words.get(name) == label and value != control.value:
                    control.value = value

    def _stop_pressed(self) -> None:
        self.stop()
        self.state.value = "Stopping; a fit or a chain ends first."

    def _chosen(self) -> None:
        """Show the answer for new choices: the recorded one, else it is computed."""
        self.stop()
        self._run = None  # nothing that it says from now on is shown
        self._running(running=False)
        self.page.show_address(urlencode({n: one.label for n, one in self.controls.items()}))
        if not self.show_recorded():
            self.message.clear()
            self.compute_behind()

    def _clear(self) -> None:
        self.parts, self._figures.children, self.state.value = (), (), ""
        self._code.show(script_of(self.function, self.choices, self.site.connection))

    def _show(self, part: Part) -> None:
        self.parts = (*self.parts, part)
        self._figures.children = (*self._figures.children, self._drawn(part))

    def _drawn(self, part: Part) -> VBox:
        heading = HTML(f"<h2>{escape(part.figure)}</h2>")
        heading.add_class("oda-card-title")
        rows = tuple(compared(part.figure, part.values, self.references))
        shown = view_of(part.shown, **part.options)
        box = VBox([heading, shown, comparison_table(rows), *_remarks(part.notes)])
        box.add_class("oda-card")
        return box

    def _tell(self, run: Run, words: str, fraction: float) -> None:
        """Show how far a run is."""
        self._change(run, lambda: self._say_progress(f"{fraction:.0%}, {words}"))

    def _say_progress(self, progress: str) -> None:
        self.state.value = escape(f"Computing figure {len(self.parts) + 1}: {progress}.")

    def _say_computed(self) -> None:
        took = _duration(sum(part.seconds for part in self.parts))
        self.state.value = escape(f"Computed now, by {self.site.name}, in {took}.")

    def _running(self, *, running: bool) -> None:
        """Show whether a computation runs."""
        self.stop_button.layout.display = "" if running else "none"
        self.compute_button.disabled = running


def _control(name: str, values: Any) -> Dropdown:
    """Return the menu of an argument's values."""
    try:
        options = [(_text(value), value) for value in values]
    except TypeError:
        options = []
    if not options or isinstance(values, str):
        raise BadParameter(name, values, "no list of values", "Give the values to choose from.")
    return Dropdown(options=options, value=options[0][1])


def _text(value: Any) -> str:
    if isinstance(value, tuple) and len(value) == 2:
        return f"{value[0]:g} to {value[1]:g}" if _numbers(value) else " to ".join(map(str, value))
    return str(value)


def _numbers(values: Sequence[Any]) -> bool:
    return all(isinstance(value, int | float) for value in values)


def _label(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _remarks(notes: Sequence[str]) -> list[HTML]:
    """Return remarks as lines; more than a few of them are folded into one."""
    if len(notes) <= _MOST_REMARKS:
        return [quiet(note) for note in notes]
    lines = "<br>".join(map(escape, notes))
    folded = HTML(f"<details><summary>{len(notes)} remarks</summary>{lines}</details>")
    folded.add_class("oda-quiet")
    return [folded]


def _recorded_words(answer: Answer) -> str:
    took = _duration(answer.seconds)
    return escape(f"Recorded on {answer.made}: {answer.site}; computing it took {took}.")


def _duration(seconds: float) -> str:
    return f"{seconds / 60:.0f} min" if seconds > 90 else f"{seconds:.0f} s"
