"""Every block of README and docs runs, or says why it does not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.docs.pages import PAGES, run, unknown_languages

WITH_SERVERS = {"dispatcher.md", "real_archives.md"}  # test_dispatcher_page, test_archives_page


@pytest.mark.parametrize(
    "page", [page for page in PAGES if page.name not in WITH_SERVERS], ids=lambda page: page.stem
)
def test_its_blocks_run(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run(page, tmp_path, monkeypatch)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_each_block_is_run_or_says_why_not(page: Path) -> None:
    assert not unknown_languages(page)
    skipped = re.findall(r"<!-- skip: next(.*?)-->", page.read_text(encoding="utf-8"))
    assert all(re.fullmatch(r' ".{10,}" ', reason) for reason in skipped)
