"""A run: each node is taken from the store or computed, and its history is recorded."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from oda_widgets.errors import DataError
from oda_widgets.files import remedy
from oda_widgets.provenance.entry import Entry
from oda_widgets.provenance.failure import failure_facts, failure_of, is_lasting
from oda_widgets.provenance.node import Node, Task
from oda_widgets.provenance.payload import Payload
from oda_widgets.provenance.result_store import ResultStore, StoredResult
from oda_widgets.provenance.step import Step
from oda_widgets.provenance.times import in_need

_OR_ELSE = "or set ODA_WIDGETS_CACHE_FOLDER to a folder of your own."


@dataclass(frozen=True)
class Outcome:
    """The result that a worker has computed for a task.

    Parameters
    ----------
    computed
        The results that were computed for it, inputs first; its own is the last.
    error
        Error that stopped it, unless it lies in the data (see `is_lasting`).
    """

    computed: tuple[StoredResult, ...]
    error: DataError | None = None


class Run:
    """One query as it is read from the store or computed.

    Parameters
    ----------
    store
        Store of the results.
    waiting
        Called while another process computes what is needed here; may raise to give up.
    warn
        Called with a text when results cannot be stored, or were damaged.
    """

    def __init__(
        self, store: ResultStore, waiting: Callable[[], None], warn: Callable[[str], None]
    ) -> None:
        self.store = store
        self._waiting = waiting
        self._warn = warn
        self._steps: dict[str, Step] = {}
        self._nodes: dict[str, Node] = {}
        self._used: dict[str, None] = {}  # in order of use
        self._arrived: dict[str, StoredResult | DataError] = {}
        self._spent = 0.0
        self._storing = True
        self._said_damaged = False
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
        self._used[task.node.id] = None
        self._nodes[task.node.id] = task.node
        found = self._arrived.pop(task.node.id, None) or self.loaded(task.node)
        if found is None:
            with self.claim(task.node):
                # Another process may have computed it while we waited.
                found = self.loaded(task.node) or self._computed(task, arguments)
        if isinstance(found, DataError):
            # A result without this input may be complete another time: it is not stored.
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
        """Store the result of a worker; the task finds it there."""
        passing = {part.node.id for part in task.chain() if not part.keep}
        for result in outcome.computed:
            self._steps[result.entry.id] = result.entry.steps[-1]
            self._record(result, keep=result.entry.id not in passing)
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
        """Return the history of a node, inputs before users, without unneeded inputs."""
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
        for identifier in step.inputs:
            self._collect_more(identifier, known)
        known[node.id] = step

    def _collect_more(self, identifier: str, known: dict[str, Step]) -> None:
        """Add the steps behind one that only the data of its user asked for."""
        if identifier in known:
            return
        if identifier in self._nodes:
            self._collect(self._nodes[identifier], known)
            return
        step = self._steps[identifier]
        for source in step.inputs:
            self._collect_more(source, known)
        known[identifier] = step

    def _computed(self, task: Task, arguments: tuple[Any, ...]) -> StoredResult:
        """Compute and store the result of a task, which may be a failure."""
        began, spent = time.perf_counter(), self._spent
        outer, self._incomplete = self._incomplete, False
        used, self._used = self._used, {}
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
            self._record(result, keep=task.keep)
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

    def _record(self, result: StoredResult, *, keep: bool) -> None:
        """Store a result, or only how long it took; a failure is small, and is stored."""
        if keep or result.entry.failure is not None:
            self._save(result)
        step = result.entry.steps[-1]
        if result.entry.failure is None and step.seconds is not None:
            self.store.measured(step.name, step.seconds)

    def _record_need(self, node: Node, step: Step) -> None:
        """Store how often steps like this one need their optional inputs, for the next plan."""
        if node.if_needed:
            needed = len(step.inputs) > len(node.inputs)
            self.store.measured(in_need(node.step), float(needed))

    def _save(self, result: StoredResult) -> None:
        self._say_if_damaged(result.entry.steps[-1])
        try:
            self.store.save(result.entry, result.payload)
        except OSError as error:
            if self._storing:
                reason = error.strerror or error
                advice = f"{remedy(error)}, {_OR_ELSE}"
                self._warn(f"Results cannot be stored in {self.store}: {reason}. {advice}")
            self._storing = False

    def _say_if_damaged(self, step: Step) -> None:
        """Say once that a result had to be computed again, before it is put right."""
        if not self._said_damaged and self.store.is_damaged(step.id):
            self._said_damaged = True
            self._warn(
                f"A stored result ({step.name}) in {self.store} was damaged and has been computed "
                "again. 'oda-widgets store verify' finds other damage."
            )


def _with_used_inputs(node: Node, used: Iterable[str]) -> Step:
    """Return a node as a step with its inputs and what else it used.

    That is what it names as `if_needed`, and what follows from the data of its inputs alone, so
    that its history needs no word about it beforehand: the windows that a mosaic cleans again.
    """
    step = Step.of(node)
    more = tuple(identifier for identifier in used if identifier not in step.inputs)
    return replace(step, inputs=step.inputs + more)
