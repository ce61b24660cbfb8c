"""The steps behind one box of the provenance graph, in full."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from html import escape
from typing import Any

from ipywidgets import HTML, Button, HBox, Select, VBox

from oda_widgets.provenance.step import Step
from oda_widgets.views.copy import CopyButton
from oda_widgets.views.history.graph import Stack, State, duration

_MOST_LISTED = 200
_SHORT = 12  # digits of an id that are shown
_LONG = 160  # longest parameter that is not folded, characters

OnInput = Callable[[str], object]


class HistoryDetails(VBox):  # type: ignore[misc]  # ipywidgets publishes no types
    """The steps of one box: name, inputs, parameters, computing time, id.

    Parameters
    ----------
    names
        Names of the steps of the history, by id.
    windows
        The science window of each step that uses only one, by step id.
    on_input
        Called with the id of an input of the step shown, when it is clicked.
    """

    def __init__(self, names: dict[str, str], windows: dict[str, str], on_input: OnInput) -> None:
        self._names = names
        self._windows = windows
        self._on_input = on_input
        self._stack: Stack | None = None
        self.members = Select(rows=8)
        self.members.add_class("oda-members")
        self.members.observe(lambda change: self._show_step(change["new"]), names="value")
        self.heading, self.text = HTML(), HTML()
        self.copy_button = CopyButton(description="Copy id")
        self.inputs = HBox()
        self.inputs.add_class("oda-controls")
        top = HBox([self.heading, self.copy_button])
        top.add_class("oda-controls")
        step = VBox([top, self.inputs, self.text])
        step.add_class("oda-step")
        self._listing = VBox([HTML(), self.members])
        body = HBox([self._listing, step])
        body.add_class("oda-history-body")
        super().__init__([body])

    def show(self, stack: Stack, chosen: str | None = None) -> None:
        """Show a box; `chosen` is the id of the step to begin with."""
        self._stack = stack
        listed = stack.steps[:_MOST_LISTED]
        alone = len(stack.steps) == 1
        self._listing.layout.display = "none" if alone else ""
        some = f"{len(listed)} of {len(stack.steps)} listed" if listed != stack.steps else ""
        self._listing.children[0].value = f'<span class="oda-quiet">{some}</span>'
        first = chosen if any(step.id == chosen for step in listed) else listed[0].id
        # Setting the options chooses the first of them. If that is the wanted one, the value does
        # not change afterwards, so the step is shown here.
        self.members.options = [(self._line(step, stack), step.id) for step in listed]
        self.members.value = first
        self._show_step(first)

    def _show_step(self, step_id: str | None) -> None:
        stack = self._stack
        if stack is None or step_id is None:
            return
        step = next(step for step in stack.steps if step.id == step_id)
        state = stack.states[stack.steps.index(step)]
        self.heading.value = f"<b>{escape(step.name)}</b> <code>{step.id[:_SHORT]}</code>"
        self.copy_button.text = step.id
        self.text.value = _facts_table(step, state, self._windows.get(step.id))
        self.inputs.children = tuple(self._input_buttons(step))

    def _line(self, step: Step, stack: Stack) -> str:
        what = self._windows.get(step.id, step.id[:_SHORT])
        took = "" if step.seconds is None else f" · {duration(step.seconds)}"
        state = stack.states[stack.steps.index(step)]
        return f"{what} · {state}{took}"

    def _input_buttons(self, step: Step) -> list[Any]:
        """Return one button for each kind of input."""
        known = [i for i in step.inputs if i in self._names]
        if not known:
            return []
        counts = Counter(self._names[i] for i in known)
        first = {self._names[i]: i for i in reversed(known)}
        label = HTML('<span class="oda-quiet">made from</span>')
        return [label, *(self._button(name, n, first[name]) for name, n in counts.items())]

    def _button(self, name: str, count: int, step_id: str) -> Button:
        text = name if count == 1 else f"{count} × {name}"
        button = Button(description=text, tooltip=f"Show {name}")
        button.add_class("oda-chip")
        button.on_click(lambda _button: self._on_input(step_id))
        return button


def _facts_table(step: Step, state: State, window: str | None) -> str:
    rows = {
        "Science window": escape(window) if window else "",
        "How": escape(_origin_text(step, state)),
        "Id": f"<code>{escape(step.id)}</code>",
        "Code": f"<code>{escape(step.version)}</code>",
        **{escape(name): _value(value) for name, value in step.parameters.items()},
    }
    lines = (f"<tr><th>{name}</th><td>{text}</td></tr>" for name, text in rows.items() if text)
    return f'<table class="oda-facts">{"".join(lines)}</table>'


def _origin_text(step: Step, state: State) -> str:
    if step.seconds is None:
        return state
    when = f", made {step.made}" if step.made else ""
    took = duration(step.seconds)
    return f"{'from the store, took' if step.from_store else 'computed in'} {took}{when}"


def _value(value: Any) -> str:
    text = escape(json.dumps(value, ensure_ascii=False))
    if len(text) <= _LONG:
        return f"<code>{text}</code>"
    size = f"{len(value)} entries" if isinstance(value, list | dict) else f"{len(value)} characters"
    return f"<details><summary>{size}</summary><code>{text}</code></details>"
