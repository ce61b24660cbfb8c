"""Each promise of the page on security names tests, and these exist."""

from __future__ import annotations

import re

import pytest

from tests.docs.pages import ROOT

PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
_PROMISED = PAGE.split("## What is promised")[1].split("## What is not promised")[0]
PROMISES = re.findall(r"^- .*(?:\n  .*)*", _PROMISED, re.MULTILINE)
NAMED = re.compile(r"<!-- (tests/[\w/]+\.py)::(test_\w+) -->")


@pytest.mark.parametrize("promise", PROMISES, ids=lambda text: text[2:40])
def test_each_promise_is_held_by_tests_that_exist(promise: str) -> None:
    named = NAMED.findall(promise)
    assert named
    for path, test in named:
        assert f"def {test}(" in (ROOT / path).read_text(encoding="utf-8")


def test_all_comments_of_the_page_are_names_of_tests() -> None:
    assert len(PROMISES) > 25
    assert PAGE.count("<!--") == len(NAMED.findall(PAGE))
