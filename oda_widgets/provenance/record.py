"""The record that a product carries: how it came to be."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from typing import Any

from oda_widgets.abilities import Displayed, abilities
from oda_widgets.provenance.citation import citation
from oda_widgets.provenance.prov_json import prov_json
from oda_widgets.provenance.repeat import Repeat
from oda_widgets.provenance.step import SHORT, Step
from oda_widgets.request.words import counted, one_line


@dataclass(frozen=True)
class Provenance(Displayed):
    """How a product came to be.

    Parameters
    ----------
    nodes
        All steps, inputs before users; the last one made the product.
    question
        Identity of the query.
    archive
        Name of the archive or dispatcher that gave the data.
    repeat
        How the product is asked for again.
    lines
        Python that selects one product from all that a query gives, for example one spectrum.
    """

    nodes: tuple[Step, ...]
    question: str
    archive: str
    repeat: Repeat
    lines: tuple[str, ...] = ()

    def __repr__(self) -> str:
        computed = [step for step in self.nodes if step.computed]
        stored = sum(step.from_store for step in computed)
        simulated = ", SIMULATED" if self.simulated else ""
        lines = (
            f"Provenance of {self.nodes[-1].name} {self.id[:SHORT]}{simulated}",
            f"  {counted(len(computed), 'step')} of {self.seconds:.1f} s, {stored} from the store",
            f"  {counted(len(self.nodes) - len(computed), 'input')}: data, catalogues and choices",
            f"  events: {one_line(self.archive)}",
            f"  query: {self.question[:SHORT]}",
        )
        return "\n".join(lines)

    def __str__(self) -> str:
        return "\n".join(str(step) for step in self.nodes)

    @property
    def id(self) -> str:
        """Id of the node that made the product."""
        return self.nodes[-1].id

    @property
    def graph(self) -> dict[str, tuple[str, ...]]:
        """The ids of the inputs of each node, by its id."""
        return {step.id: step.inputs for step in self.nodes}

    @property
    def seconds(self) -> float:
        """How long all steps took when they were computed."""
        return sum(step.seconds or 0.0 for step in self.nodes)

    @property
    def simulated(self) -> bool:
        """True when any of the events are not real."""
        return any(step.parameters.get("simulated", False) for step in self.nodes)

    def __getitem__(self, node: str) -> Step:
        """Return a step by its id, or by the beginning of it."""
        return next(step for step in self.nodes if step.id.startswith(node))

    @property
    def code(self) -> str:
        """Python that asks the query again."""
        if not self.lines:
            return self.repeat.code
        return "\n".join((self.repeat.code.rstrip(), *self.lines, ""))

    @property
    def link(self) -> str:
        """The query as it stands in a link, behind the question mark."""
        return self.repeat.link

    def script(self) -> str:
        """Return Python that makes the product again, bit for bit, with the same data and code."""
        head = f"# Product {self.id}\n# Question {self.question}\n"
        return f"{head}{self.code}"

    def then(self, line: str) -> Provenance:
        """Return the record with one more line of Python."""
        return replace(self, lines=(*self.lines, line))

    def prov_json(self) -> str:
        """Return the history in the standard form PROV-JSON of the W3C."""
        return prov_json(self.nodes)

    def citation(self) -> str:
        """Return a text for the methods section and the works that it cites."""
        return citation(self.nodes, self.archive, simulated=self.simulated)

    def plot(self, **options: Any) -> Any:
        """Return an interactive figure of the graph, for the notebook."""
        return abilities().plot(self, **options)

    def figure(self, **options: Any) -> Any:
        """Return a figure of the graph for publication, a `matplotlib.figure.Figure`."""
        return abilities().figure(self, **options)

    def save(self, path: str | os.PathLike[str], *, overwrite: bool = False) -> None:
        """Save the history, as the suffix of the name says.

        Parameters
        ----------
        path
            Ends in ``.json`` for PROV-JSON, or in ``.pdf``, ``.png`` or ``.svg`` for a figure of
            the graph.
        overwrite
            Replace a file that exists.

        Raises
        ------
        BadParameter
            If the suffix is none of these, or the file cannot be written.
        """
        abilities().save(self, path, overwrite=overwrite)

    def summary(self) -> tuple[str, ...]:
        """Return some lines for the HISTORY of a file."""
        return (
            f"Made by {self.nodes[-1].name} after {len(self.nodes) - 1} other nodes",
            f"Node {self.id}",
            f"Question {self.question}",
            f"Events from: {self.archive}",
        )
