"""A run: each node is taken from the store or computed, and its history is recorded."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from oda_widgets.errors import DataError
from oda_widgets.provenance.entry import Entry
from oda_widgets.provenance.failure import failure_facts, failure_of, is_lasting
from oda_widgets.provenance.node import Node, Task
from oda_widgets.provenance.payload import Payload
from oda_widgets.provenance.result_store import ResultStore, StoredResult
from oda_widgets.provenance.step import Step
from oda_widgets.provenance.times import in_need

_ADVICE = "Make room there, or set ODA_WIDGETS_CACHE_FOLDER to a folder of your own."


@dataclass(frozen=True)
class Outcome:
    """What a worker has computed for a task.

    Parameters
    ----------
    computed
        The results that were computed for it, inputs first; its own is the last.
    error
        Why there is none of its own, if that is no property of the data (see `is_lasting`).
    """

    computed: tuple[StoredResult, ...]
    error: DataError | None = None


class Run:
    """One query on its way through the store.

    Parameters
    ----------
    store
        Where results are.
    waiting
        Called while another process computes what is needed here; may raise to give up.
    warn
        Called with a text when results cannot be stored.
    """

    def __init__(
        self, store: ResultStore, waiting: Callable[[], None], warn: Callable[[str], None]
    ) -> None:
        self.store = store
        self._waiting = waiting
        self._warn = warn
        self._steps: dict[str, Step] = {}
        self._used: set[str] = set()
        self._arrived: dict[str, StoredResult | DataError] = {}
        self._spent = 0.0
        self._storing = True
        self._incomplete = False

    def result(self, task: Task, *arguments: Any) -> Payload:
        """Return the result of a task, computing it only if the store does not have it.

        Parameters
        ----------
        task
            The task.
        arguments
            Passed to its function. They bring data and report progress; they are no part of the
            history of the result.

        Raises
        ------
        DataError
            If it failed, now or before.
        """
        self._used.add(task.node.id)
        found = self._arrived.pop(task.node.id, None) or self.loaded(task.node)
        if found is None:
            with self.claim(task.node):
                # Another process may have computed it while we waited.
                found = self.loaded(task.node) or self._computed(task, arguments)
        if isinstance(found, DataError):
            # What is built without this input may be complete another time: it is not stored.
            self._incomplete = True
            raise found
        if found.entry.failure is not None:
            raise failure_of(found.entry.failure)
        return found.payload

    def loaded(self, node: Node) -> StoredResult | None:
        """Return the result of a node if the store has it."""
        found = self.store.load(node.id)
        if found is not None:
            for step in found.entry.steps:
                self._steps.setdefault(step.id, replace(step, from_store=step.computed))
        return found

    def adopt(self, task: Task, outcome: Outcome) -> None:
        """Store what a worker has computed; the result of the task is read next."""
        for result in outcome.computed:
            self._steps[result.entry.id] = result.entry.steps[-1]
            self._record(result)
        if outcome.error is None:
            self._record_need(task.node, outcome.computed[-1].entry.steps[-1])
        self._arrived[task.node.id] = outcome.error or outcome.computed[-1]

    def claim(self, node: Node) -> AbstractContextManager[None]:
        """Return a context in which no other process computes a node."""
        return self.store.claim(node.id, self._waiting)

    @contextmanager
    def inputs(self) -> Iterator[None]:
        """Count the time in this context for the inputs of the step that is being computed."""
        began = time.perf_counter()
        try:
            yield
        finally:
            self._spent += time.perf_counter() - began

    def steps(self, node: Node) -> tuple[Step, ...]:
        """Return the history of a node: inputs before users, without what was not needed."""
        known: dict[str, Step] = {}
        self._collect(node, known)
        return tuple(known.values())

    def _collect(self, node: Node, known: dict[str, Step]) -> None:
        """Add the steps behind a node to those known."""
        if node.id in known:
            return
        step = self._steps.get(node.id) or Step.of(node)
        for source in (*node.inputs, *(part for part in node.if_needed if part.id in step.inputs)):
            self._collect(source, known)
        known[node.id] = step

    def _computed(self, task: Task, arguments: tuple[Any, ...]) -> StoredResult:
        """Compute and store the result of a task, which may be a failure."""
        began, spent = time.perf_counter(), self._spent
        outer, self._incomplete = self._incomplete, False
        used, self._used = self._used, set()
        payload, failure = self._attempted(task, arguments)
        step = _with_used_inputs(task.node, self._used)
        self._used = used
        # The time of the inputs is theirs.
        seconds = time.perf_counter() - began - (self._spent - spent)
        self._spent += seconds
        made = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        self._steps[task.node.id] = replace(step, seconds=seconds, made=made)
        facts = None if failure is None else failure_facts(failure)
        result = StoredResult(Entry(self.steps(task.node), payload.facts, facts), payload)
        if not self._incomplete:
            self._record(result)
            self._record_need(task.node, step)
        self._incomplete |= outer
        return result

    def _attempted(
        self, task: Task, arguments: tuple[Any, ...]
    ) -> tuple[Payload, DataError | None]:
        """Return the payload of a task, or the failure that lies in its data."""
        try:
            return task.compute(*arguments), None
        except DataError as error:
            if is_lasting(error):
                return Payload(), error
            self._incomplete = True
            raise

    def _record(self, result: StoredResult) -> None:
        """Store a result, and how long it took."""
        self._save(result)
        step = result.entry.steps[-1]
        if result.entry.failure is None and step.seconds is not None:
            self.store.measured(step.name, step.seconds)

    def _record_need(self, node: Node, step: Step) -> None:
        """Store how often steps like this one need what they may need, for the next plan."""
        if node.if_needed:
            needed = len(step.inputs) > len(node.inputs)
            self.store.measured(in_need(node.step), float(needed))

    def _save(self, result: StoredResult) -> None:
        try:
            self.store.save(result.entry, result.payload)
        except OSError as error:
            if self._storing:
                reason = error.strerror or error
                self._warn(f"Results cannot be stored in {self.store}: {reason}. {_ADVICE}")
            self._storing = False


def _with_used_inputs(node: Node, used: set[str]) -> Step:
    """Return a node as a step with its inputs, and those of `if_needed` that were used."""
    step = Step.of(node)
    needed = tuple(part.id for part in node.if_needed if part.id in used)
    return replace(step, inputs=step.inputs + needed)
