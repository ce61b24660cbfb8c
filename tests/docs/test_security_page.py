"""Each promise of the page on security names tests, and these exist."""

from __future__ import annotations

import re

import pytest

from oda_widgets import errors
from oda_widgets.backend.dispatcher import http
from oda_widgets.cli.page_kernels import PageKernels
from oda_widgets.provenance import store
from oda_widgets.server import bodies, job_processes, told_to_stop
from oda_widgets.workers import process_executor
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


def _promise(words: str) -> str:
    (found,) = (promise for promise in PROMISES if words in " ".join(promise.split()))
    return " ".join(found.split())


@pytest.mark.parametrize(
    ("words", "number"),
    [
        ("longer than {} characters each", f"{errors.LONGEST_TEXT:,}"),
        ("what is no product is read up to {}", f"{http._LARGEST_DOCUMENT >> 20} MB"),
        ("has not begun after {} seconds", f"{http._BEGIN:.0f}"),
        ("or not ended after {} more", f"{http._DEADLINE:.0f}"),
        ("One client may have {}", f"{bodies.MOST_OF_CLIENT >> 20} MB"),
        ("all together {}", f"{bodies.MOST_IN_ALL >> 20} MB"),
        ("requests of up to {}", f"{bodies._SMALL >> 10} kB"),
        ("{} pages may be open at once", str(PageKernels.most_pages.default_value)),
        ("replaced after {} s without a sign of life", str(process_executor.SILENCE)),
        ("of a server after {} s", f"{job_processes.SILENCE:.0f}"),
        ("or {} while it starts", f"{job_processes._START:.0f}"),
        ("count none in the first {}", f"{store._CHECKED_FOR_PLAN >> 20} MB"),
    ],
)
def test_numbers_of_the_page_are_those_of_the_code(words: str, number: str) -> None:
    assert _promise(words.format(number))


def test_kernels_of_pages_end_within_the_minute_and_servers_within_ten_seconds() -> None:
    silent, look = PageKernels.silent_seconds.default_value, PageKernels.look_seconds.default_value
    assert silent + look <= 60
    assert "within a minute" in _promise("pages may be open at once")
    assert told_to_stop.DEADLINE < 10
    assert "within ten seconds" in _promise("one server uses a folder")
