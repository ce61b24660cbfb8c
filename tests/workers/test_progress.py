"""Progress is a value: the step, its science window, and the fraction done."""

from __future__ import annotations

import pytest

from oda_widgets.workers.progress import Progress


def test_it_reads_as_a_line() -> None:
    assert str(Progress("reading", 0.5, 3, "066500220010.001")) == "reading · 066500220010.001"
    assert str(Progress()) == "waiting"


@pytest.mark.parametrize(
    ("done", "total", "fraction"), [(1.5, 3.0, 0.5), (4.0, 3.0, 1.0), (1.0, 0.0, 0.0)]
)
def test_its_fraction_lies_between_nothing_and_all(
    done: float, total: float, fraction: float
) -> None:
    assert Progress("reading", done, total).fraction == fraction
