"""The code to take home holds all that a function reads of its notebook, and runs without it."""

from __future__ import annotations

import linecache
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from oda_widgets.panels.apps.take_home import script_of

NOTEBOOK = """
import math
import numpy as np
from collections import Counter as Tally
from fractions import Fraction
import oda_widgets as oda

FACTORS = {"one": (1, None), "two": (2.5, "x" * 90), "three": (3, [1, 2])}
HALF = Fraction(1, 2)
TIMES = np.arange(3) * HALF
unused = object()


def doubled(value, by=FACTORS["two"][0]):
    return value * by


def told(site, word):
    names = [name for name in FACTORS if name != word]
    yield word, site, {"sum": doubled(math.fsum(TIMES)), "tally": Tally(names)["one"]}
"""


def written(code: str, name: str) -> Callable[..., Any]:
    """Return a function of a notebook."""
    path = f"<cell of {name}>"
    linecache.cache[path] = (len(code), None, code.splitlines(keepends=True), path)
    names: dict[str, Any] = {}
    exec(compile(code, path, "exec", dont_inherit=True), names)  # noqa: S102 - as a notebook does
    function: Callable[..., Any] = names[name]
    return function


class Nothing:
    """What is shown where only numbers are asked for."""

    def save(self, *_: object, **__: object) -> None:
        """Save nothing."""


def ran(script: str, capsys: pytest.CaptureFixture[str]) -> str:
    code = compile(script, "script", "exec", dont_inherit=True)
    exec(code, {"Nothing": Nothing})  # noqa: S102 - what it is for
    return capsys.readouterr().out


def test_values_helpers_and_imports_come_along(capsys: pytest.CaptureFixture[str]) -> None:
    script = script_of(written(NOTEBOOK, "told"), {"word": "two"}, "Nothing()")
    assert ran(script, capsys) == "two {'sum': 3.75, 'tally': 1}\n"
    assert "unused" not in script
    assert script.count("import oda_widgets as oda") == 1


def test_a_function_inside_another_brings_what_it_closes_over(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code = (
        "def outer():\n    limit = (3, 4)\n"
        "    def inner(site):\n        yield 'x', site, {'n': limit}\n    return inner\n"
        "inner = outer()"
    )
    script = script_of(written(code, "inner"), {}, "Nothing()")
    assert ran(script, capsys) == "x {'n': (3, 4)}\n"


def test_a_function_whose_annotations_are_not_read_keeps_it_so(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def shown(site: Missing) -> Iterator[Any]:  # type: ignore[name-defined] # noqa: F821
        yield "x", site

    assert ran(script_of(shown, {}, "Nothing()"), capsys) == "x {}\n"


def test_what_cannot_be_written_is_named() -> None:
    made_elsewhere = written("def f(site):\n    yield 'x', site, {'n': THING}", "f")
    made_elsewhere.__globals__["THING"] = object()  # type: ignore[attr-defined]
    script = script_of(made_elsewhere, {}, "Nothing()")
    assert "# THING, a object, was made elsewhere in the notebook" in script
