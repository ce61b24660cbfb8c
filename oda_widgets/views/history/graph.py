"""The provenance graph of a product as it is drawn: equal steps stacked, in layers towards it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from oda_widgets.provenance.stacks import stacked
from oda_widgets.provenance.step import Step


class State(StrEnum):
    """Origin of the result of a step, in the words of the legend."""

    GIVEN = "input"
    STORED = "from the store"
    COMPUTED = "computed"
    NOT_YET = "not yet"


@dataclass(frozen=True)
class Stack:
    """Steps of one name that stand at one place of the graph: 50 windows, one box.

    Parameters
    ----------
    steps
        The steps, in the order of the history.
    states
        The state of each step.
    layer
        How many steps away the product is, at most.
    inputs
        Places, in the graph, of the stacks that these steps used.
    row
        Place in its layer; the middle is 0.
    """

    steps: tuple[Step, ...]
    states: tuple[State, ...]
    layer: int
    inputs: tuple[int, ...] = ()
    row: float = 0.0

    @property
    def name(self) -> str:
        """Name of the steps."""
        return self.steps[0].name

    @property
    def title(self) -> str:
        """Name of the steps, and how many there are."""
        return self.name if len(self.steps) == 1 else f"{len(self.steps)} × {self.name}"

    @property
    def seconds(self) -> float | None:
        """Total computing time in seconds; None if nothing was computed."""
        measured = [step.seconds for step in self.steps if step.seconds is not None]
        return sum(measured) if measured else None

    @property
    def counts(self) -> dict[State, int]:
        """Number of steps in each state, in the order of the legend."""
        found = Counter(self.states)
        return {state: found[state] for state in State if found[state]}

    @property
    def account(self) -> str:
        """Summary of the states, such as "37 from the store, 13 computed · 12 s"."""
        counts = self.counts
        alone = len(counts) == 1
        words = ", ".join(state if alone else f"{n} {state}" for state, n in counts.items())
        return words if self.seconds is None else f"{words} · {duration(self.seconds)}"


Graph = tuple[Stack, ...]


def history_graph(steps: Sequence[Step], not_yet: Iterable[str] = ()) -> Graph:
    """Return a history as a graph of stacks, inputs before users.

    Parameters
    ----------
    steps
        The history, inputs before users; the last one makes the product.
    not_yet
        Ids of the steps that are still to be computed.
    """
    waiting, members = set(not_yet), stacked(steps)
    home = {step.id: place for place, (_, found) in enumerate(members) for step in found}
    stacks = [
        Stack(
            found,
            tuple(_state(step, waiting) for step in found),
            layer,
            tuple(sorted({home[i] for step in found for i in step.inputs if i in home})),
        )
        for layer, found in members
    ]
    return _in_rows(stacks)


def duration(seconds: float) -> str:
    """Return a time in words: "0.04 s", "12 s", "3 min 20 s"."""
    if seconds < 10:
        return f"{seconds:.2g} s"
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds // 60:.0f} min {seconds % 60:02.0f} s"


def window_names(steps: Sequence[Step]) -> dict[str, str]:
    """Return the science window of each step that uses only one, by step id."""
    known: dict[str, frozenset[str]] = {}
    for step in steps:
        own = step.parameters.get("science_window")
        below = (known.get(i, frozenset()) for i in step.inputs)
        known[step.id] = frozenset([str(own)] if own else []).union(*below)
    return {step_id: next(iter(names)) for step_id, names in known.items() if len(names) == 1}


def _state(step: Step, waiting: set[str]) -> State:
    if step.id in waiting:
        return State.NOT_YET
    if step.from_store:
        return State.STORED
    return State.COMPUTED if step.computed else State.GIVEN


def _in_rows(stacks: list[Stack]) -> Graph:
    """Return stacks with rows: each layer in the order of those that use it, around the middle."""
    for layer in range(1 + max((stack.layer for stack in stacks), default=0)):
        places = [place for place, stack in enumerate(stacks) if stack.layer == layer]
        wanted = {place: _middle_of_users(place, stacks) for place in places}
        for row, place in enumerate(sorted(places, key=wanted.__getitem__)):
            stacks[place] = replace(stacks[place], row=row - (len(places) - 1) / 2)
    return tuple(stacks)


def _middle_of_users(place: int, stacks: Sequence[Stack]) -> float:
    rows = [stack.row for stack in stacks if place in stack.inputs]
    return sum(rows) / len(rows) if rows else 0.0
