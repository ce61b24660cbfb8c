"""Errors are told apart by their classes, and show any value."""

from __future__ import annotations

import ast
from collections.abc import Callable
from contextlib import suppress
from inspect import signature
from pathlib import Path
from typing import Any

import pytest

import oda_widgets
from oda_widgets.cli.main import main
from oda_widgets.errors import (
    LONGEST_TEXT,
    BadParameter,
    FileWarning,
    IncompleteProduct,
    InterpretationWarning,
    MissingValue,
    OdaError,
    UnknownKeyword,
)
from tests.fitting.instruments import ngc_2110

_PACKAGE = Path(oda_widgets.__file__).parent
_TEXTS = {"problem", "advice", "limit", "args"}
_TESTS = {"startswith", "endswith", "find", "count"}


def _names_caught(tree: ast.AST) -> set[str]:
    return {
        node.name for node in ast.walk(tree) if isinstance(node, ast.ExceptHandler) and node.name
    }


def _is_text_of(node: ast.expr, errors: set[str]) -> bool:
    """Return True for ``error.problem``, ``error.args[0]`` or ``str(error)`` of a caught error."""
    if isinstance(node, ast.Subscript):
        return _is_text_of(node.value, errors)
    if isinstance(node, ast.Call):
        called = isinstance(node.func, ast.Name) and node.func.id in {"str", "repr"}
        return called and any(isinstance(a, ast.Name) and a.id in errors for a in node.args)
    named = isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
    return named and node.attr in _TEXTS and node.value.id in errors


def _decides_by_text(node: ast.AST, errors: set[str]) -> bool:
    if isinstance(node, ast.Compare):
        return any(_is_text_of(side, errors) for side in (node.left, *node.comparators))
    method = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    return method and node.func.attr in _TESTS and _is_text_of(node.func.value, errors)


def test_no_decision_depends_on_the_text_of_an_error() -> None:
    found = []
    for file in sorted(_PACKAGE.rglob("*.py")):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        errors = _names_caught(tree)
        found += [
            f"{file.relative_to(_PACKAGE)}:{node.lineno}"
            for node in ast.walk(tree)
            if _decides_by_text(node, errors)
        ]
    assert found == []


class Liar:
    """An object that cannot be shown."""

    def __repr__(self) -> str:
        raise RuntimeError

    def __str__(self) -> str:
        raise RuntimeError


class LyingText(str):
    """Text that cannot be shown as text."""

    __slots__ = ()

    def __str__(self) -> str:
        raise RuntimeError


@pytest.mark.parametrize(
    "value",
    [Liar(), [Liar()], LyingText("x"), 10**5000, [-(10**5000)]],
    ids=["object", "list", "text", "integer", "list of integers"],
)
def test_no_message_fails_for_the_value_that_it_shows(value: Any) -> None:
    fit = ngc_2110().fit("powerlaw", energy=(50, 200))
    site = oda_widgets.connect(archive="sample")
    calls: tuple[Callable[[], object], ...] = (
        lambda: site.science_windows(instrument=value),
        lambda: site.science_windows(limit=value),
        lambda: fit.errors(value),
        lambda: fit.flux(20, 40, unit=value),
        lambda: fit.rise(value, 2.0),
        lambda: oda_widgets.SourceCatalog.of([value]),
        lambda: oda_widgets.read_catalog(value),
    )
    for call in calls:
        with pytest.raises(OdaError) as refusal:
            call()
        assert 0 < len(str(refusal.value)) < 2000


def test_a_parameter_of_a_fit_is_no_number_of_thousands_of_digits() -> None:
    with pytest.raises(OdaError, match="99"):
        ngc_2110().fit("powerlaw", energy=(50, 200)).errors("9" * 5000)


@pytest.mark.parametrize(
    "message",
    [
        lambda text: OdaError(text, text),
        lambda text: BadParameter(text, text, text, text),
        lambda text: MissingValue(text, "image", text),
        FileWarning,
    ],
)
def test_every_message_is_short_and_shows_no_control_character(
    message: Callable[[str], Exception],
) -> None:
    shown = str(message("\x1b[31m\u202e" + "long " * 100_000))
    assert 0 < len(shown) < 10_000
    assert shown.isprintable()
    name = "k" * 100_000
    with pytest.raises(UnknownKeyword) as refusal:
        oda_widgets.connect(**{name: name})
    assert len(str(refusal.value)) < 1000


HOSTILE = "\x1b[31mCrab\x07\u202e\u2028" * 50_000


def _kinds(base: type) -> list[type]:
    return [base, *(kind for one in base.__subclasses__() for kind in _kinds(one))]


@pytest.mark.parametrize("kind", _kinds(OdaError), ids=lambda kind: kind.__name__)
def test_no_text_from_outside_makes_a_message_long_or_acts_on_a_terminal(kind: Any) -> None:
    error = kind(*[HOSTILE] * (len(signature(kind).parameters)))
    assert str(error).isprintable()
    assert len(str(error)) <= 2 * LONGEST_TEXT + 1
    assert "Crab" in str(error)


@pytest.mark.parametrize("kind", [IncompleteProduct, InterpretationWarning])
def test_no_text_from_outside_makes_a_warning_long_or_acts_on_a_terminal(kind: Any) -> None:
    assert str(kind(HOSTILE)).isprintable()
    assert len(str(kind(HOSTILE))) <= LONGEST_TEXT


@pytest.mark.parametrize(
    "words",
    [
        [HOSTILE[:50_000]],
        ["image", "Crab", f"--{HOSTILE[:50_000]}"],
        ["image", HOSTILE[:50_000]],
        ["image", "Crab", "--windows", HOSTILE[:50_000]],
        ["image", "Crab", "--instrument", HOSTILE[:50_000]],
        ["image", "Crab", "--out", f"{HOSTILE[:50]}.xyz"],
        ["fit", "powerlaw", HOSTILE[:200]],
        ["store", "explain", HOSTILE[:50_000]],
    ],
    ids=lambda words: " ".join(word[:10] for word in words),
)
def test_the_command_line_says_no_more_and_nothing_that_acts(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with suppress(SystemExit):
        assert main(words) == 2
    written = capsys.readouterr().err
    assert written.removesuffix("\n").isprintable()
    assert 0 < len(written) < 2 * LONGEST_TEXT + 200
