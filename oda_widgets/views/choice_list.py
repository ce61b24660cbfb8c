"""A list of which several may be chosen, and whose options change while one chooses."""

from __future__ import annotations

from typing import Any

from ipywidgets import SelectMultiple
from ipywidgets.widgets.trait_types import TypedTuple
from traitlets import Int, validate


class ChoiceList(SelectMultiple):  # type: ignore[misc]  # ipywidgets publishes no types
    """A `SelectMultiple` that forgives a choice of what has just been taken away.

    A click and a change of the options can cross on their way between page and kernel. ipywidgets
    would then tell the page the choice that it cannot draw, and raise in the kernel.
    """

    index = TypedTuple(trait=Int(), help="Selected indices").tag(sync=True, echo_update=False)

    @validate("options")
    def _validate_options(self, proposal: Any) -> Any:
        if self.index:
            self.index = ()  # the page would draw the old choice in the new options
        return super()._validate_options(proposal)

    @validate("index")
    def _validate_index(self, proposal: Any) -> tuple[int, ...]:
        there = tuple(i for i in proposal.value if 0 <= i < len(self._options_labels))
        if there != tuple(proposal.value):
            self.send_state("index")
        return there
