"""Telling a change made by the program from one made by the user."""

from __future__ import annotations


class Muted:
    """True inside its ``with`` block, where a view changes its own controls."""

    def __init__(self) -> None:
        self._depth = 0

    def __enter__(self) -> None:
        self._depth += 1

    def __exit__(self, *_: object) -> None:
        self._depth -= 1

    def __bool__(self) -> bool:
        return self._depth > 0
