"""A storm of parameters through every model, in a process of its own: it must survive.

Run as ``python -m tests.validation.storm MODEL NUMBER``; prints a line of JSON.
"""

from __future__ import annotations

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from time import perf_counter

import numpy as np

from oda_widgets.fit.definitions import ModelDefinition, ParameterDefinition, definitions
from oda_widgets.fit.expression import parse
from oda_widgets.fit.grid import Grid
from oda_widgets.fit.model import evaluator

GRID = Grid(np.geomspace(3.0, 500.0, 60))
THREADS = 8


def vectors(model: ModelDefinition, number: int, rng: np.random.Generator) -> np.ndarray:
    """Return parameters drawn between hard limits, at them, and things that are no numbers."""
    columns = [_column(parameter, number, rng) for parameter in model.parameters]
    return np.stack(columns, axis=1)


def storm(name: str, number: int) -> dict[str, float]:
    """Return what happened: results that are no numbers, and results that threads changed."""
    model = definitions()[name]
    rng = np.random.default_rng(1)
    many = vectors(model, number, rng)
    text = {"add": name, "mul": f"{name}*powerlaw", "con": f"{name}(powerlaw)"}[model.kind]
    if model.kind != "add":
        many = np.column_stack([many, np.full(number, 2.0), np.ones(number)])

    def evaluate(values: np.ndarray) -> np.ndarray:
        with np.errstate(all="ignore"):
            return evaluator(parse(text), GRID)(values)

    began = perf_counter()
    alone = [evaluate(values) for values in many]
    seconds = perf_counter() - began
    again = many[: max(number // 10, 1)]
    with ThreadPoolExecutor(THREADS) as pool:
        together = list(pool.map(evaluate, again))
    changed = sum(
        not np.array_equal(a, b, equal_nan=True) for a, b in zip(alone, together, strict=False)
    )
    finite = np.isfinite(many).all(axis=1)
    lost = sum(not np.isfinite(a).all() for a, good in zip(alone, finite, strict=True) if good)
    shapes = sum(a.shape != (len(GRID),) for a in alone)
    return {"vectors": number, "changed": changed, "not_finite": lost, "shapes": shapes,
            "seconds": seconds}  # fmt: skip


def _column(parameter: ParameterDefinition, number: int, rng: np.random.Generator) -> np.ndarray:
    low, high = parameter.hard_low, parameter.hard_high
    usual = sorted((parameter.value * 0.1, max(parameter.value * 10, 10.0)))
    middle = np.clip(usual, low, high)
    values = np.where(
        rng.random(number) < 0.5, rng.uniform(low, high, number), rng.uniform(*middle, number)
    )
    kind = rng.random(number)
    values = np.where(kind < 0.05, low, values)
    values = np.where((kind >= 0.05) & (kind < 0.10), high, values)
    values = np.where((kind >= 0.10) & (kind < 0.12), np.nan, values)
    return np.where((kind >= 0.12) & (kind < 0.13), np.inf, values)


if __name__ == "__main__":
    sys.stdout.write(json.dumps(storm(sys.argv[1], int(sys.argv[2]))))
