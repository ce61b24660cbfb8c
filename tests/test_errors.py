"""Errors are told apart by their classes."""

from __future__ import annotations

import ast
from pathlib import Path

import oda_widgets

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
