"""One server for the tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers.our_server import OurServer, serving


@pytest.fixture(scope="module")
def server(three_windows: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OurServer]:
    """Give a server over three short windows."""
    with serving(three_windows, tmp_path_factory.mktemp("server") / "jobs") as started:
        yield started
