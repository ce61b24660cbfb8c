"""Fits and chains as nodes of the history of a result."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oda_widgets.fitting.dataset import Dataset
from oda_widgets.fitting.minimise import Minimum
from oda_widgets.fitting.models.parameters import Parameters
from oda_widgets.fitting.problem import Recipe
from oda_widgets.products.spectrum import Spectrum
from oda_widgets.provenance.code_version import code_version
from oda_widgets.provenance.node import Node
from oda_widgets.provenance.record import Provenance
from oda_widgets.provenance.repeat import RepeatedText
from oda_widgets.provenance.step import Step

# The modules that do these steps; they import this one.
_FIT, _CHAIN = "oda_widgets.fitting.fit", "oda_widgets.fitting.chains.sampling"
_READ_SPECTRUM = 'spectrum_{n} = oda.Spectrum.read("..."){grouped}  # {name}, content {digest}'


def fit_node(recipe: Recipe) -> Node:
    """Return the node of a fit: its data, model and the choices for its parameters."""
    parameters = {
        "model": recipe.model,
        "statistic": [data.asked for data in recipe.datasets],
        "energy": [list(data.energy) for data in recipe.datasets],
        "systematic": [data.systematic for data in recipe.datasets],
        "parameters": {
            item.full_name: [item.value, item.low, item.high, item.frozen, item.link]
            for item in recipe.parameters.values()
        },
    }
    inputs = tuple(spectrum_node(data.original) for data in recipe.datasets)
    return Node("spectral_fit", code_version(_FIT), parameters, inputs)


def chain_node(recipe: Recipe, minima: Sequence[Minimum], walkers: int, seed: int) -> Node:
    """Return the node of a chain before its first step."""
    starts = [minimum.values.tolist() for minimum in minima]
    parameters = {"starts": starts, "walkers": walkers, "seed": seed}
    return Node("spectral_chain", code_version(_CHAIN), parameters, (fit_node(recipe),))


def chain_part_node(before: Node, number: int, steps: int) -> Node:
    """Return the node of some steps of a chain that go on from other steps."""
    return Node("spectral_chain_part", before.version, {"part": number, "steps": steps}, (before,))


def spectrum_node(spectrum: Spectrum) -> Node:
    """Return the node that made a spectrum; one read from a file is known by its content."""
    if spectrum.provenance is None:
        facts = {"name": spectrum.name, "content": _digest(spectrum)}
        return Node("OGIPSpectrum", "content", facts)
    nodes: dict[str, Node] = {}
    for step in spectrum.provenance.nodes:
        inputs = tuple(nodes[source] for source in step.inputs)
        nodes[step.id] = Node(step.name, step.version, step.parameters, inputs)
    whole = nodes[spectrum.provenance.id]
    # One node makes the spectra of all sources, and channels may have been joined since.
    facts = {"source": spectrum.name, "grouped": spectrum.grouped, "content": _digest(spectrum)}
    return Node("SpectrumOfSource", "choice", facts, (whole,))


def fit_provenance(recipe: Recipe, found: Parameters, seconds: float, made: str) -> Provenance:
    """Return the record of a fit.

    Parameters
    ----------
    recipe
        Data, model, parameters and statistic.
    found
        The parameters at their best values, from which a repetition starts.
    seconds
        Duration of the fit.
    made
        Date and time, UTC.
    """
    node = fit_node(recipe)
    known = {
        step.id: step
        for data in recipe.datasets
        if data.original.provenance is not None
        for step in data.original.provenance.nodes
    }
    steps = [known.get(part.id) or Step.of(part) for part in node.history()]
    steps[-1] = replace(steps[-1], seconds=seconds, made=made)
    code = fit_code(replace(recipe, parameters=found))
    origins = {
        data.original.provenance.archive if data.original.provenance else "files"
        for data in recipe.datasets
    }
    return Provenance(tuple(steps), node.id, ", ".join(sorted(origins)), RepeatedText(code))


def fit_code(recipe: Recipe) -> str:
    """Return Python that repeats a fit."""
    lines = []
    for number, data in enumerate(recipe.datasets, 1):
        lines.append(_spectrum_code(data, number))
    names = ", ".join(f"spectrum_{number}" for number in range(1, len(recipe.datasets) + 1))
    options = [f"energy={[tuple(data.energy) for data in recipe.datasets]!r}"]
    if any(data.systematic is not None for data in recipe.datasets):
        options.append(f"systematic={[data.systematic for data in recipe.datasets]!r}")
    options.append(f"statistic={[data.asked for data in recipe.datasets]!r}")
    options += _parameter_options(recipe)
    call = f"fit = oda.fit([{names}], {recipe.model!r}, {', '.join(options)})"
    head = (
        [] if any("import oda_widgets" in line for line in lines) else ["import oda_widgets as oda"]
    )
    return "\n".join([*head, *lines, call, ""])


def _spectrum_code(data: Dataset, number: int) -> str:
    spectrum = data.original
    if spectrum.provenance is None:
        digest = _digest(spectrum)[:12]
        return _READ_SPECTRUM.format(
            n=number, grouped=spectrum.grouped, name=spectrum.name, digest=digest
        )
    return f"{spectrum.provenance.code.rstrip()}\nspectrum_{number} = spectrum{spectrum.grouped}"


def _parameter_options(recipe: Recipe) -> list[str]:
    """Return the options that set every parameter, so that nothing is left to a guess."""
    named = list(recipe.parameters.items())
    own = {name: item for name, item in named if not item.link}
    start = {name: item.value for name, item in own.items() if not item.frozen}
    frozen = {name: item.value for name, item in own.items() if item.frozen}
    limits = {name: (item.low, item.high) for name, item in own.items() if not item.frozen}
    links = {n: i.link for n, i in named if i.link and i.link != f"{i.model}.{i.name}"}
    free = [name for name, item in own.items() if item.free]
    options = [f"start={start!r}", f"freeze={frozen!r}", f"free={free!r}", f"limits={limits!r}"]
    return [*options, f"links={links!r}"] if links else options


def _digest(spectrum: Spectrum) -> str:
    """Return a digest of all numbers of a spectrum and its response."""
    response = spectrum.response
    arrays: list[NDArray[Any]] = [
        spectrum.rate, spectrum.error, spectrum.quality, spectrum.systematic_error,
        response.energy_low, response.energy_high, response.channel_low, response.channel_high,
        response.redistribution, response.area, np.array([spectrum.observation.live_time]),
    ]  # fmt: skip
    arrays += [] if spectrum.grouping is None else [spectrum.grouping]
    background = spectrum.background
    if background is not None:
        arrays += [background.rate, background.error]
    for counts in (spectrum.counts, None if background is None else background.counts):
        arrays += [] if counts is None else [counts.number, counts.exposure]
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(str((array.dtype.str, array.shape)).encode())
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()
