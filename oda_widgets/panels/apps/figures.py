"""The figures of an app, each on a card with its numbers beside published ones."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from ipywidgets import HTML, VBox

from oda_widgets.panels.apps.answer import Choices, Part
from oda_widgets.panels.apps.comparison_table import comparison_table
from oda_widgets.panels.apps.drawing import view_of
from oda_widgets.panels.apps.published import References, compared
from oda_widgets.panels.card import quiet

_MOST_REMARKS = 2


class Figures(VBox):  # type: ignore[misc]  # ipywidgets publishes no types
    """Cards in the order of the figures, which stay until new ones take their places.

    Parameters
    ----------
    references
        Published numbers, and the truth of the simulated sky.
    """

    def __init__(self, references: References) -> None:
        self._references = references
        self.parts: tuple[Part, ...] = ()
        self.fresh = 0
        """Number of figures of the answer that is shown or computed now."""
        super().__init__()
        self.add_class("oda-app-figures")

    def clear(self) -> None:
        """Show no figures."""
        self.parts, self.children, self.fresh = (), (), 0

    def expect(self, mark: str) -> None:
        """Begin a new answer; mark the old figures, which stay until new ones replace them."""
        self.fresh = 0
        card: VBox
        for part, card in zip(self.parts, self.children, strict=True):
            card.children[0].value = _heading(part.figure, mark)

    def show(self, part: Part, choices: Choices) -> None:
        """Show the next figure, in the place of an old one of its name or after the new ones."""
        fresh, old = self._split()
        kept = [pair for pair in old if pair[0].figure != part.figure]
        self._arrange([*fresh, (part, self._card(part, choices)), *kept])
        self.fresh += 1

    def end(self) -> None:
        """Remove the figures of the answer before."""
        self._arrange(self._split()[0])

    def _split(self) -> tuple[list[tuple[Part, VBox]], list[tuple[Part, VBox]]]:
        """Return parts and cards of this answer, and those that were there before."""
        pairs: list[tuple[Part, VBox]] = list(zip(self.parts, self.children, strict=True))
        return pairs[: self.fresh], pairs[self.fresh :]

    def _arrange(self, pairs: Sequence[tuple[Part, VBox]]) -> None:
        self.parts = tuple(part for part, _ in pairs)
        self.children = tuple(card for _, card in pairs)

    def _card(self, part: Part, choices: Choices) -> VBox:
        heading = HTML(_heading(part.figure))
        heading.add_class("oda-card-title")
        rows = tuple(compared(part.figure, part.values, self._references, choices))
        shown = view_of(part.shown, **part.options)
        card = VBox([heading, shown, comparison_table(rows), *_remarks(part.notes)])
        card.add_class("oda-card")
        return card


def _heading(figure: str, mark: str = "") -> str:
    marked = f" <small>{escape(mark)}</small>" if mark else ""
    return f"<h2>{escape(figure)}{marked}</h2>"


def _remarks(notes: Sequence[str]) -> list[HTML]:
    """Return remarks as lines; more than a few of them are folded into one."""
    if len(notes) <= _MOST_REMARKS:
        return [quiet(note) for note in notes]
    lines = "<br>".join(map(escape, notes))
    folded = HTML(f"<details><summary>{len(notes)} remarks</summary>{lines}</details>")
    folded.add_class("oda-quiet")
    return [folded]
