"""Addresses in links: pages of the web only."""

from __future__ import annotations

from typing import Any

import pytest

from oda_widgets.errors import BadParameter
from oda_widgets.request.address import page_address


@pytest.mark.parametrize("good", ["http://127.0.0.1:8866/", "https://host/app", "HTTPS://host"])
def test_an_address_of_the_web_is_taken(good: str) -> None:
    assert page_address("page", good) == good


@pytest.mark.parametrize(
    "bad",
    [
        "javascript:alert(1)", "JavaScript:alert(1)", "data:text/html,x", "file:///etc/passwd",
        "ftp://host/x", "//host/x", "host/app", "", "https://", "https:///x", "https://host:port/",
        "http://host/a b", "http://host/\n", "http://host/\u202e", None, 5, b"https://host", [],
    ],
)  # fmt: skip
def test_any_other_is_refused(bad: Any) -> None:
    with pytest.raises(BadParameter, match="page="):
        page_address("page", bad)
