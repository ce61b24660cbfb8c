"""Benchmarks are slow tests: ``make benchmark`` runs them and writes docs/benchmarks.md."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import oda_widgets as oda
from oda_widgets.archive.sample import SampleArchive
from tests.benchmarks.rows import Rows

BYTECODE = Path(__file__).parents[2] / "build" / "bytecode"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark all tests of this folder as slow."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.slow)


@pytest.fixture(autouse=True, scope="session")
def compiled_code() -> Iterator[None]:
    """Let new processes find our modules compiled, as users' second session does."""
    with pytest.MonkeyPatch.context() as environment:
        environment.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
        environment.setenv("PYTHONPYCACHEPREFIX", str(BYTECODE))
        yield


@pytest.fixture(autouse=True)
def nothing_stored(monkeypatch: pytest.MonkeyPatch) -> None:
    """Time the computing with an empty store."""
    monkeypatch.setenv("ODA_WIDGETS_STORE_LIMIT", "0")


@pytest.fixture(scope="session")
def rows() -> Iterator[Rows]:
    """Give the table to note figures in; it is saved at the end."""
    table = Rows()
    yield table
    table.save()


@pytest.fixture(scope="session")
def event_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the bundled science window as the gzip FITS file that it came from."""
    return SampleArchive().export(tmp_path_factory.mktemp("archive"))


@pytest.fixture(scope="session")
def magnetar() -> oda.SourceCatalog:
    """Give the catalogue with the one source of the sample."""
    return oda.SourceCatalog.of([oda.CatalogSource("SGR 1935+2154", 293.73199, 21.89672)])
