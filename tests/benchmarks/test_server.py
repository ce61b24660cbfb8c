"""How fast products come over HTTP, and how long a hundred clients wait for a word."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median
from typing import Any

import httpx
import numpy as np
import pytest

import oda_widgets as oda
from tests.benchmarks.rows import Rows
from tests.servers.our_server import OurServer, serving

CRAB = oda.SourceCatalog.of([oda.CatalogSource("Crab", 83.633, 22.014)])


@pytest.fixture(scope="module")
def server(three_windows: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OurServer]:
    """Give a server over three short windows."""
    with serving(three_windows, tmp_path_factory.mktemp("server") / "jobs") as started:
        yield started


def test_a_warm_product_over_http(
    rows: Rows, server: OurServer, three_windows: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    windows = oda.connect(archive=three_windows).science_windows().ids
    queries: dict[str, Any] = {
        "image": oda.ImageQuery(science_windows=windows),
        "spectrum": oda.SpectrumQuery(science_windows=windows, catalog=CRAB),
        "light curve": oda.LightCurveQuery(science_windows=windows, catalog=CRAB, time_bin=20),
    }
    monkeypatch.setenv("ODA_WIDGETS_STORE_LIMIT", "0")  # our client keeps nothing: it asks
    site = oda.connect(server.address, token="")
    for name, query in queries.items():
        site.submit(query).result(600)
        times = []
        for _ in range(7):
            began = time.perf_counter()
            site.submit(query).result(600)
            times.append(time.perf_counter() - began)
        ratio = rows.note(f"a warm {name} over HTTP, our client", median(times), "limit", 0.3)
        assert ratio <= 1


def test_a_hundred_clients_wait_for_a_word(
    rows: Rows, server: OurServer, three_windows: Path
) -> None:
    windows = oda.connect(archive=three_windows).science_windows().ids
    asked = {
        "instrument": "isgri",
        "product_type": "isgri_image",
        "scw_list": list(windows),
        "E1_keV": "33",
        "E2_keV": "77",
    }
    times: list[float] = []
    client = httpx.Client(timeout=60, limits=httpx.Limits(max_connections=100))

    def poll(number: int) -> None:
        time.sleep(number / 100)
        for _ in range(10):
            began = time.perf_counter()
            answer = client.get(f"{server.address}/run_analysis", params=asked)
            times.append(time.perf_counter() - began)
            assert answer.status_code == 200
            time.sleep(1.0)

    with client:
        client.get(f"{server.address}/run_analysis", params=asked)  # now a worker computes
        with ThreadPoolExecutor(100) as clients:
            list(clients.map(poll, range(100)))
    p95 = float(np.percentile(times, 95))
    assert rows.note("a word from the server, p95 of 100 clients", p95, "limit", 0.2) <= 1
