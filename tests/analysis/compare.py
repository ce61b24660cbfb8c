"""Comparison of two products: the values that must agree."""

from __future__ import annotations

from typing import Any

from tests.products.examples import all_of


def same(one: Any, other: Any) -> None:
    """Assert that two products are the same bit for bit."""
    for name in ("intensity", "variance", "significance", "exposure", "rate", "error", "time"):
        if hasattr(one, name):
            assert getattr(one, name).tobytes() == getattr(other, name).tobytes()
    assert one.observation == other.observation
    if hasattr(one, "catalog"):
        assert all_of(one.catalog) == all_of(other.catalog)
        assert one.wcs.to_header() == other.wcs.to_header()
