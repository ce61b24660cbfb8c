"""Answering one question: each node is taken from the store or computed, and the way is noted."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from oda_widgets.errors import DataError
from oda_widgets.provenance.entry import Entry
from oda_widgets.provenance.failure import failure_facts, failure_of, is_lasting
from oda_widgets.provenance.node import Node, Task
from oda_widgets.provenance.payload import Payload
from oda_widgets.provenance.recent import Kept
from oda_widgets.provenance.shelf import Shelf
from oda_widgets.provenance.step import Step
from oda_widgets.provenance.times import in_need


@dataclass(frozen=True)
class Outcome:
    """What became of a task that was computed elsewhere.

    Parameters
    ----------
    computed
        The results that were computed for it, inputs first; its own is the last.
    error
        Why there is none of its own, if that is no property of the data (see `is_lasting`).
    """

    computed: tuple[Kept, ...]
    error: DataError | None = None


class Run:
    """One question on its way through the store.

    Parameters
    ----------
    store
        Where results are.
    waiting
        Called while another process computes what is needed here; may raise to give up.
    warn
        Called with a text when results cannot be kept.
    """

    def __init__(
        self, store: Shelf, waiting: Callable[[], None], warn: Callable[[str], None]
    ) -> None:
        self.store = store
        self._waiting = waiting
        self._warn = warn
        self._steps: dict[str, Step] = {}
        self._asked: set[str] = set()
        self._arrived: dict[str, Kept | DataError] = {}
        self._spent = 0.0
        self._keeping = True
        self._incomplete = False

    def result(self, task: Task) -> Payload:
        """Return the result of a task, computing it only if nobody has before.

        Raises
        ------
        DataError
            If it failed, now or before.
        """
        self._asked.add(task.node.id)
        kept = self._arrived.pop(task.node.id, None) or self.loaded(task.node)
        if kept is None:
            with self.claim(task.node):
                # Another process may have computed it while we waited.
                kept = self.loaded(task.node) or self._computed(task)
        if isinstance(kept, DataError):
            # What is built without this input may be complete another time: it is not kept.
            self._incomplete = True
            raise kept
        if kept.entry.failure is not None:
            raise failure_of(kept.entry.failure)
        return kept.payload

    def loaded(self, node: Node) -> Kept | None:
        """Return the result of a node if the store has it."""
        kept = self.store.load(node.id)
        if kept is not None:
            for step in kept.entry.steps:
                self._steps.setdefault(step.id, replace(step, from_store=step.computed))
        return kept

    def adopt(self, task: Task, outcome: Outcome) -> None:
        """Take over what was computed elsewhere; the result of the task is asked for next."""
        for kept in outcome.computed:
            self._steps[kept.entry.id] = kept.entry.steps[-1]
            self._noted(kept)
        if outcome.error is None:
            self._note_what_it_needed(task.node, outcome.computed[-1].entry.steps[-1])
        self._arrived[task.node.id] = outcome.error or outcome.computed[-1]

    def claim(self, node: Node) -> AbstractContextManager[None]:
        """Return a context in which no other process computes a node."""
        return self.store.claim(node.id, self._waiting)

    @contextmanager
    def inputs(self) -> Iterator[None]:
        """Spend time that belongs to the inputs of what is computed here, not to itself."""
        began = time.perf_counter()
        try:
            yield
        finally:
            self._spent += time.perf_counter() - began

    def steps(self, node: Node) -> tuple[Step, ...]:
        """Return the history of a node as far as it was worked."""
        known: dict[str, Step] = {}
        self._collect(node, known)
        return tuple(known.values())

    def _collect(self, node: Node, known: dict[str, Step]) -> None:
        """Add the steps behind a node: inputs before users, what was not needed left out."""
        if node.id in known:
            return
        step = self._steps.get(node.id) or Step.of(node)
        for source in (*node.inputs, *(part for part in node.if_needed if part.id in step.inputs)):
            self._collect(source, known)
        known[node.id] = step

    def _computed(self, task: Task) -> Kept:
        began, spent = time.perf_counter(), self._spent
        outer, self._incomplete = self._incomplete, False
        asked, self._asked = self._asked, set()
        payload, failure = self._attempted(task)
        step = _worked(task.node, self._asked)
        self._asked = asked
        # What the inputs took is theirs.
        seconds = time.perf_counter() - began - (self._spent - spent)
        self._spent += seconds
        made = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        self._steps[task.node.id] = replace(step, seconds=seconds, made=made)
        facts = None if failure is None else failure_facts(failure)
        kept = Kept(Entry(self.steps(task.node), payload.facts, facts), payload)
        if not self._incomplete:
            self._noted(kept)
            self._note_what_it_needed(task.node, step)
        self._incomplete |= outer
        return kept

    def _attempted(self, task: Task) -> tuple[Payload, DataError | None]:
        """Return what a task gives, or how its data fail it."""
        try:
            return task.compute(), None
        except DataError as error:
            if is_lasting(error):
                return Payload(), error
            self._incomplete = True
            raise

    def _noted(self, kept: Kept) -> None:
        """Keep a result, and how long it took."""
        self._save(kept)
        step = kept.entry.steps[-1]
        if kept.entry.failure is None and step.seconds is not None:
            self.store.measured(step.name, step.seconds)

    def _note_what_it_needed(self, node: Node, step: Step) -> None:
        """Keep how often steps like this one need what they may need, for the next plan."""
        if node.if_needed:
            needed = len(step.inputs) > len(node.inputs)
            self.store.measured(in_need(node.step), float(needed))

    def _save(self, kept: Kept) -> None:
        try:
            self.store.save(kept.entry, kept.payload)
        except OSError as error:
            if self._keeping:
                reason = error.strerror or error
                self._warn(f"Results cannot be kept in {self.store}: {reason}.")
            self._keeping = False


def _worked(node: Node, asked: set[str]) -> Step:
    """Return a node as a step that used its inputs, and what it asked for besides."""
    step = Step.of(node)
    used = tuple(part.id for part in node.if_needed if part.id in asked)
    return replace(step, inputs=step.inputs + used)
