"""Every block of README and docs runs, and what is not run says why."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.docs import pages
from tests.docs.pages import PAGES, ROOT, run
from tests.servers.our_server import serving

WITH_SERVERS = {"dispatcher.md"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_its_blocks_run(
    page: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("ODA_WIDGETS_ONLINE", "no")
    if page.name not in WITH_SERVERS:
        run(page, tmp_path, {}, {})
        return
    given = {name: request.getfixturevalue(name) for name in ("real_dispatcher", "oda_api")}
    with serving("", tmp_path / "jobs") as server:
        replaced = {
            "https://www.astro.unige.ch/mmoda/dispatch-data": server.address,
            "http://127.0.0.1:10100": server.address,
            'token="..."': 'token=""',
        }
        assert run(page, tmp_path, given, replaced)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_each_block_is_run_or_says_why_not(page: Path) -> None:
    assert not pages.unknown_languages(page)
    skipped = re.findall(r"<!-- skip: next(.*?)-->", page.read_text(encoding="utf-8"))
    assert all(re.fullmatch(r' ".{10,}" ', reason) for reason in skipped)
