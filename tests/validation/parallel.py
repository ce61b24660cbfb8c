"""Measuring many fields at once, one process per core; ODA_WIDGETS_TEST_WORKERS says otherwise."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import TypeVar

Seed = TypeVar("Seed")
Measured = TypeVar("Measured")


def over(measure: Callable[[Seed], Measured], seeds: Iterable[Seed]) -> list[Measured]:
    """Return the measurements of a function for each seed, in order."""
    # Spawned processes read this before they load their BLAS.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    workers = int(os.environ.get("ODA_WIDGETS_TEST_WORKERS", os.cpu_count() or 1))
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        return list(pool.map(measure, seeds))
