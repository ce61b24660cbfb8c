"""The blocks of the page on dispatchers run, with our server in the place of others."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.pages import ROOT, run
from tests.servers.our_server import OurServer
from tests.servers.real_dispatcher import OdaApi


def test_its_blocks_run(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    default_server: OurServer,
    real_dispatcher: str,
    oda_api: OdaApi,
) -> None:
    page = ROOT / "docs" / "dispatcher.md"
    replaced = {
        "https://www.astro.unige.ch/mmoda/dispatch-data": default_server.address,
        "http://127.0.0.1:10100": default_server.address,
        'token="..."': 'token=""',
    }
    names = {"real_dispatcher": real_dispatcher, "oda_api": oda_api}
    assert all(text in page.read_text(encoding="utf-8") for text in replaced)
    assert run(page, tmp_path, monkeypatch, names, replaced) > 5
