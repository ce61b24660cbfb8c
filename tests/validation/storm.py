"""A storm of parameters through every model, in a process of its own: it must survive.

Run as ``python -m tests.validation.storm MODEL NUMBER``; prints a line of JSON.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle
from time import perf_counter

import numpy as np

import oda_widgets as oda
from oda_widgets.errors import OdaError
from oda_widgets.fitting.models.definitions import ModelDefinition, ParameterDefinition, definitions
from oda_widgets.fitting.models.safe_ranges import safe_ranges
from oda_widgets.products.response import Response
from oda_widgets.products.spectrum import Spectrum
from tests.fitting.instruments import empty

THREADS = 8
_WIDEST = 1e6  # where the API sets no end
_FORMS = {"add": "{}", "mul": "{}*powerlaw", "con": "{}(powerlaw)"}

Answer = list[float] | None


def storm(name: str, number: int) -> dict[str, float]:
    """Return numbers of vectors, results and results that threads changed, and seconds."""
    model = definitions()[name]
    many = vectors(model, number, np.random.default_rng(1))
    ask = _question(model)
    # Some models keep what belongs to the grid before: two grids take turns.
    questions = list(zip(many, cycle(_spectra()), strict=False))
    began = perf_counter()
    alone = [ask(values, made_up) for values, made_up in questions]
    seconds = perf_counter() - began
    with ThreadPoolExecutor(THREADS) as pool:
        together = list(pool.map(lambda one: ask(*one), questions[: max(number // 10, 1)]))
    changed = sum(not _same(a, b) for a, b in zip(alone, together, strict=False))
    answered = sum(found is not None for found in alone)
    return {"vectors": number, "answered": answered, "changed": changed, "seconds": seconds}


def vectors(model: ModelDefinition, number: int, rng: np.random.Generator) -> np.ndarray:
    """Return parameters as far as the API lets them go; in some of them one is beyond."""
    ranges = list(zip(model.parameters, safe_ranges(model), strict=True))
    many = np.stack([_column(item, *ends, number, rng) for item, ends in ranges], axis=1)
    for row in np.flatnonzero(rng.random(number) < 0.1):
        place = rng.integers(len(ranges))
        low, high = ranges[place][1]
        many[row, place] = rng.choice([np.nan, np.inf, -np.inf, low - 1.0, high + 1.0])
    return many


def _question(model: ModelDefinition) -> Callable[[np.ndarray, Spectrum], Answer]:
    """Return the function that predicts with the model through the public API."""
    names = [f"{model.name}.{parameter.name}" for parameter in model.parameters]
    expression = _FORMS[model.kind].format(model.name)
    others = {} if model.kind == "add" else {"powerlaw.PhoIndex": 2.0, "powerlaw.norm": 1.0}

    def ask(values: np.ndarray, made_up: Spectrum) -> Answer:
        limits = {
            name: (min(value, item.hard_low), max(value, item.hard_high))
            for name, item, value in zip(names, model.parameters, values, strict=True)
            if not item.hard_low <= value <= item.hard_high
        }
        kept = dict(zip(names, values, strict=True)) | others
        try:
            fit = oda.fit(made_up, expression, freeze=kept, limits=limits)
        except OdaError:
            return None
        answer: list[float] = fit.folded[0].tolist()
        return answer

    return ask


def _spectra() -> list[Spectrum]:
    """Return spectra of 60 channels from 3 to 500 keV, and of 200 from 15 to 300 keV."""
    grids = np.geomspace(3.0, 500.0, 61), np.geomspace(15.0, 300.0, 201)
    return [
        empty(Response(g[:-1], g[1:], g[:-1], g[1:], np.eye(n), np.full(n, 100.0)), 1e4, 1.0)
        for g, n in ((grid, len(grid) - 1) for grid in grids)
    ]


def _column(
    item: ParameterDefinition, low: float, high: float, number: int, rng: np.random.Generator
) -> np.ndarray:
    """Return values of one parameter: within XSPEC's limits, near the usual, as far as allowed."""
    low, high = max(low, -_WIDEST), min(high, _WIDEST)
    usual = sorted((item.value * 0.1, max(item.value * 10, 10.0)))
    choices = [
        rng.uniform(item.hard_low, item.hard_high, number),
        rng.uniform(*np.clip(usual, item.hard_low, item.hard_high), number),
        rng.uniform(low, high, number),
        np.full(number, low),
        np.full(number, high),
        np.full(number, item.hard_low),
        np.full(number, item.hard_high),
    ]
    chosen = rng.choice(len(choices), size=number, p=[0.3, 0.3, 0.2, 0.05, 0.05, 0.05, 0.05])
    return np.choose(chosen, choices)


def _same(one: Answer, other: Answer) -> bool:
    if one is None or other is None:
        return one is other
    return np.array_equal(one, other, equal_nan=True)


if __name__ == "__main__":
    sys.stdout.write(json.dumps(storm(sys.argv[1], int(sys.argv[2]))))
