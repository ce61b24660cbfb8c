"""The speed of products over HTTP, and the waiting time of a hundred clients."""

from __future__ import annotations

import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import pytest

import oda_widgets as oda
from tests.benchmarks.rows import Rows
from tests.servers.our_server import OurServer

_BEGINNING = 200  # bytes of an answer that say how far it is
CRAB = oda.SourceCatalog.of([oda.CatalogSource("Crab", 83.633, 22.014)])


@pytest.fixture
def server(our_server: OurServer) -> OurServer:
    """Give a server over three short windows."""
    return our_server


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
    asked = [
        {
            "instrument": "isgri",
            "product_type": "isgri_image",
            "scw_list": list(windows),
            "E1_keV": str(30 + number),
            "E2_keV": "77",
        }
        for number in range(10)
    ]
    times: list[float] = []
    before, used = server.ask("/health").json()["computations"], processor_seconds(server)

    def poll(number: int) -> None:
        time.sleep(number / 100)
        for _ in range(10):
            with server.client() as client:
                began = time.perf_counter()
                with client.stream("GET", "/run_analysis", params=asked[number % 10]) as answer:
                    word = next(answer.iter_bytes(_BEGINNING))
                took = time.perf_counter() - began
            if b'"query_status": "done"' in word:
                return  # products are large: they are no word
            times.append(took)
            time.sleep(1.0)  # as oda_api does

    with ThreadPoolExecutor(100) as clients:
        list(clients.map(poll, range(100)))
    server.wait_until_idle()
    assert server.ask("/health").json()["computations"] - before == 10
    p95 = float(np.percentile(times, 95))
    each = (processor_seconds(server) - used) / len(times)
    rows.note("of which processor time of the server", each, "limit", 0.2)
    assert rows.note("a word from the server, p95 of 100 clients", p95, "limit", 0.2) <= 1


def processor_seconds(server: OurServer) -> float:
    """Return the processor time of a server, without that of its workers."""
    words = Path(f"/proc/{server.process.pid}/stat").read_text().rsplit(")", maxsplit=1)[1].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")
