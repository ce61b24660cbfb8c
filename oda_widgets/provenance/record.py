"""The provenance of a product."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from oda_widgets.abilities import Displayed, abilities
from oda_widgets.errors import BadParameter, NoSuchName
from oda_widgets.provenance.citation import citation
from oda_widgets.provenance.prov_json import prov_json
from oda_widgets.provenance.repeat import Repeat
from oda_widgets.provenance.step import SHORT, Step
from oda_widgets.request.keywords import suggesting_class
from oda_widgets.request.words import counted, one_line

_WIDTH = 100  # of a line in a print


@suggesting_class
@dataclass(frozen=True)
class Provenance(Displayed):
    """The steps that made a product, and the query behind it.

    Parameters
    ----------
    nodes
        All steps, each after its inputs; the last one made the product.
    question
        Identity of the query.
    archive
        Name of the archive or dispatcher of the data.
    repeat
        Query as Python and as a link.
    lines
        Python that selects one product of the query, for example one spectrum.
    energies
        Calibration of the energies, as text.

    Raises
    ------
    BadParameter
        If there are no steps.

    Examples
    --------
    >>> image.provenance
    Provenance of ii_skyimage ...
      2 steps of ... s, ... from the store
      6 inputs: data, catalogues and choices
      events: bundled sample
      query: ...
    """

    nodes: tuple[Step, ...]
    question: str
    archive: str
    repeat: Repeat
    lines: tuple[str, ...] = ()
    energies: str = ""

    def __post_init__(self) -> None:
        if not self.nodes:
            advice = "A product whose history is not known has None for its provenance."
            raise BadParameter("nodes", self.nodes, "no step, and one made the product", advice)

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
            *([f"  {one_line(self.energies, _WIDTH)}"] if self.energies else []),
        )
        return "\n".join(lines)

    def __str__(self) -> str:
        return "\n".join(str(step) for step in self.nodes)

    @property
    def id(self) -> str:
        """Id of the node that made the product, 64 hex digits.

        Examples
        --------
        >>> len(image.provenance.id)
        64
        """
        return self.nodes[-1].id

    @property
    def graph(self) -> dict[str, tuple[str, ...]]:
        """The ids of the inputs of each node, by its id.

        Examples
        --------
        >>> len(image.provenance.graph[image.provenance.id])
        2
        """
        return {step.id: step.inputs for step in self.nodes}

    @property
    def seconds(self) -> float:
        """Total computing time of all steps, seconds.

        Examples
        --------
        >>> image.provenance.seconds > 0
        True
        """
        return sum(step.seconds or 0.0 for step in self.nodes)

    @property
    def simulated(self) -> bool:
        """True if any of the events are not real.

        Examples
        --------
        >>> image.provenance.simulated
        False
        """
        return any(step.parameters.get("simulated", False) for step in self.nodes)

    def __getitem__(self, node: str) -> Step:
        """Return a step by its id or the beginning of its id.

        Raises
        ------
        NoSuchName
            If there is no such step, or several ids begin like this.
        """
        found = [step for step in self.nodes if isinstance(node, str) and step.id.startswith(node)]
        if len(found) != 1:
            limit = "several steps begin so" if found else "no step of this provenance"
            advice = "Give the id of a step, or its beginning: provenance.graph lists them."
            raise NoSuchName("node", node, limit, advice)
        return found[0]

    def __contains__(self, node: object) -> bool:
        return any(isinstance(node, str) and node and step.id.startswith(node) for step in self)

    def __iter__(self) -> Iterator[Step]:
        return iter(self.nodes)

    def __len__(self) -> int:
        return len(self.nodes)

    @property
    def code(self) -> str:
        """Python that makes the query again.

        Examples
        --------
        >>> image.provenance.code.splitlines()[2]
        "site = oda.connect(archive='sample')"
        """
        if not self.lines:
            return self.repeat.code
        return "\n".join((self.repeat.code.rstrip(), *self.lines, ""))

    @property
    def link(self) -> str:
        """The query string of the link that repeats the query.

        Examples
        --------
        >>> "instrument=isgri" in image.provenance.link
        True
        """
        return self.repeat.link

    def script(self, *, simulated: bool = False) -> str:
        """Return Python that makes the product again, bit for bit from the same data and code.

        Parameters
        ----------
        simulated
            True to label the product as simulated even if its history does not.

        Examples
        --------
        >>> image.provenance.script().splitlines()[2]
        'import oda_widgets as oda'
        """
        head = f"# Product {self.id}\n# Query {self.question}\n"
        if simulated or self.simulated:
            head += "# SIMULATED: the events are not real\n"
        return f"{head}{self.code}"

    def then(self, line: str) -> Provenance:
        """Return the provenance with one more line of Python.

        Raises
        ------
        BadParameter
            If it is not text.

        Examples
        --------
        >>> image.provenance.then("image.plot()").code.splitlines()[-1]
        'image.plot()'
        """
        if not isinstance(line, str):
            raise BadParameter("line", line, "not text", 'Write it as in then("image.plot()").')
        return replace(self, lines=(*self.lines, line))

    def prov_json(self) -> str:
        """Return the history as PROV-JSON, a format of the W3C.

        Examples
        --------
        >>> import json
        >>> sorted(json.loads(image.provenance.prov_json()))
        ['activity', 'agent', 'entity', 'prefix', 'used', ...]
        """
        return prov_json(self.nodes)

    def citation(self) -> str:
        """Return a text for the methods section, and its references.

        Examples
        --------
        >>> print(image.provenance.citation())
        The product was made with oda_widgets ...science window 255900280010.001...

        References
        ----------
        - Winkler, C., ...
        """
        return citation(
            self.nodes,
            self.archive,
            simulated=self.simulated,
            instrument=self.repeat.instrument,
            dispatcher=self.repeat.dispatcher,
        )

    def plot(self, **options: Any) -> Any:
        """Return an interactive figure of the graph, for the notebook.

        Parameters
        ----------
        options
            ``title``, the name of the product in a few words.

        Raises
        ------
        BadParameter
            If there is no such option.

        Examples
        --------
        >>> type(image.provenance.plot(title="The burst")).__name__
        'HistoryView'
        """
        return abilities().plot(self, **options)

    def figure(self, **options: Any) -> Any:
        """Return a figure of the graph for publication, a `matplotlib.figure.Figure`.

        Parameters
        ----------
        options
            ``columns``, the width in columns of text, 1 or 2.

        Raises
        ------
        BadParameter
            If there is no such option.

        Examples
        --------
        >>> image.provenance.figure(columns=1).savefig("history.pdf")
        """
        return abilities().figure(self, **options)

    def save(self, path: str | os.PathLike[str], *, overwrite: bool = False) -> None:
        """Save the history in the format that the suffix names.

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

        Examples
        --------
        >>> image.provenance.save("history.json")
        """
        abilities().save(self, path, overwrite=overwrite)

    def summary(self) -> tuple[str, ...]:
        """Return lines for the HISTORY of a file.

        Examples
        --------
        >>> image.provenance.summary()[0]
        'Made by ii_skyimage after ... other nodes'
        """
        return (
            f"Made by {self.nodes[-1].name} after {len(self.nodes) - 1} other nodes",
            f"Node {self.id}",
            f"Query {self.question}",
            f"Events from: {self.archive}",
            *([self.energies] if self.energies else []),
        )
