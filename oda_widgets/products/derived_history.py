"""Provenance of light curves and spectra that are made from others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from oda_widgets.products.product import Product
from oda_widgets.provenance.code_version import code_version
from oda_widgets.provenance.node import Node
from oda_widgets.provenance.record import Provenance
from oda_widgets.provenance.repeat import RepeatedText
from oda_widgets.provenance.step import Step

_SHARED = ("import ", "site = ")  # beginnings of lines that a second script need not repeat


def derived(
    step: str,
    products: Sequence[Product],
    line: str,
    parameters: Mapping[str, Any] | None = None,
    name: str = "curve",
) -> Provenance | None:
    """Return the provenance of a product made from others of its kind.

    Parameters
    ----------
    step
        Name of the step.
    products
        Light curves or spectra that the step used.
    line
        Python code that repeats the step, with ``curve``, or ``curve_1`` and ``curve_2`` if there
        are several.
    parameters
        Parameters of the step, plain values.
    name
        Name of such a product in scripts: "curve", "spectrum".

    Returns
    -------
    Provenance or None
        None if one of the products has no provenance, as those read from files.
    """
    known = [product.provenance for product in products if product.provenance is not None]
    if not known or len(known) < len(products):
        return None
    steps = {part.id: part for history in known for part in history.nodes}
    made = _step(step, products, known, parameters or {})
    if len(known) > 1:
        return _combined(known, (*steps.values(), made), line, name)
    (only,) = known
    return replace(only, nodes=(*steps.values(), made), lines=(*only.lines, line))


def _step(
    name: str,
    products: Sequence[Any],
    known: Sequence[Provenance],
    parameters: Mapping[str, Any],
) -> Step:
    inputs = tuple(history.id for history in known)
    # Name the sources: one node makes the products of all sources of a query.
    chosen = {"sources": [product.name for product in products], "inputs": list(inputs)}
    node = Node(name, code_version(__name__), {**parameters, **chosen})
    # The step takes milliseconds and is never stored: its duration is not measured.
    made = datetime.now(UTC).isoformat(timespec="seconds")
    return Step(node.id, name, node.version, node.parameters, inputs, seconds=0.0, made=made)


def _combined(known: list[Provenance], steps: tuple[Step, ...], line: str, name: str) -> Provenance:
    """Return the provenance of a product made from products of several queries."""
    archives = ", ".join(dict.fromkeys(history.archive for history in known))
    energies = " ".join(dict.fromkeys(filter(None, (history.energies for history in known))))
    questions = dict.fromkeys(history.question for history in known)
    question = next(iter(questions)) if len(questions) == 1 else steps[-1].id
    code = _scripts([history.code for history in known], name)
    repeat = RepeatedText(code, made_with=known[0].repeat.instrument)
    return Provenance(steps, question, archives, repeat, (line,), energies)


def _scripts(codes: list[str], name: str) -> str:
    """Return scripts joined into one, in which the products are numbered."""
    lines: list[str] = []
    for number, code in enumerate(codes, 1):
        for row in code.rstrip().splitlines():
            if not (row.startswith(_SHARED) and row in lines):
                lines.append(row)
        lines += [f"{name}_{number} = {name}", ""]
    return "\n".join(lines)
