"""Fixtures of the validation: the place of their numbers."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.validation.results import RECOVERIES, RESULTS, Table, save


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark all tests of this folder as slow."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def table() -> Iterator[Callable[[str], Table]]:
    """Give the function that begins a table; all are saved at the end, passed or not."""
    tables: list[Table] = []

    def begin(heading: str) -> Table:
        tables.append(Table(heading))
        return tables[-1]

    yield begin
    save(tables, RECOVERIES if "ODA_WIDGETS_TEST_DRAWS" in os.environ else RESULTS)
