"""The values, functions and imports of a notebook that a function reads, as Python."""

from __future__ import annotations
import __future__

import ast
import builtins
import dis
import linecache
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from pprint import pformat
from types import CodeType, FunctionType, ModuleType
from typing import Any

from oda_widgets.panels.apps.canonical_value import canonical

_WIDTH = 98
_ANNOTATIONS = __future__.annotations.compiler_flag


class NamesOfCode:
    """The names that a function and its helpers read, in the order in which they are needed.

    Parameters
    ----------
    function
        Of a notebook or a file.
    source_of
        Returns the source of a function.
    """

    def __init__(self, function: Callable[..., Any], source_of: Callable[[Any], str]) -> None:
        self._source_of = source_of
        self._seen: set[str] = set()
        self._flags = getattr(getattr(function, "__code__", None), "co_flags", 0) & _ANNOTATIONS
        self.imports = ["from __future__ import annotations\n"] if self._flags else []
        """Lines that import what the code reads of other modules."""
        self.values: list[str] = []
        """Lines that make values."""
        self.functions: list[str] = []
        """Sources of the functions, each after those that it calls."""
        self.elsewhere: list[str] = []
        """Values that are not literals, as they are now."""
        self._add_function(function)

    def _add_function(self, function: Callable[..., Any]) -> None:
        """Add a function after all that it reads."""
        source = self._source_of(function)
        self._add_names(_names_in_source(source, self._flags), _values_in_reach(function), function)
        self._add_names(_names_in_code_of(function), _values_in_reach(function), function)
        self.functions.append(source)

    def _add_names(self, names: Iterable[str], around: Mapping[str, Any], reader: Any) -> None:
        for name in names:
            if name in around and name not in self._seen and not hasattr(builtins, name):
                self._seen.add(name)
                self._add(name, around, reader)

    def _add(self, name: str, around: Mapping[str, Any], reader: Any) -> None:
        """Add the value of a name: a function, an import, a literal, or the line that makes it."""
        value = around[name]
        if isinstance(value, FunctionType) and value.__globals__ is _globals_of(reader):
            self._add_function(value)
        elif line := _import_line(name, value):
            self.imports.append(line)
        elif _is_literal(value):
            self.values.append(f"{name} = {pformat(value, width=_WIDTH, sort_dicts=False)}")
        else:
            statement = _statement(name, reader)
            self._add_names(_names_in_source(statement, self._flags), around, reader)
            comment = f"# {name}, a {type(value).__name__}, was made elsewhere in the notebook"
            if statement not in self.values:  # one line may assign several names
                self.values.append(statement or comment)
            self.elsewhere.append(f"{name} = {canonical(value)}")


def _values_in_reach(function: Any) -> dict[str, Any]:
    """Return the values that a function can read, by their names."""
    function = getattr(function, "__wrapped__", function)
    names = dict(_globals_of(function))
    code = getattr(function, "__code__", None)
    for name, cell in zip(
        code.co_freevars if code else (), function.__closure__ or (), strict=True
    ):
        names[name] = cell.cell_contents
    return names


def _names_in_code_of(function: Any) -> Iterator[str]:
    """Iterate over the names that a function reads, whether or not its source can be read."""
    code = getattr(getattr(function, "__wrapped__", function), "__code__", None)
    if code is not None:
        yield from _global_names(code)
        yield from code.co_freevars


def _globals_of(function: Any) -> dict[str, Any]:
    names: dict[str, Any] = getattr(function, "__globals__", {})
    return names


def _names_in_source(source: str, flags: int) -> Iterator[str]:
    """Iterate over the names that code reads and does not make itself."""
    try:
        code = compile(source, "<source>", "exec", flags, dont_inherit=True)
    except SyntaxError:  # part of a longer line, as a lambda is
        return
    yield from _global_names(code)


def _global_names(code: CodeType) -> Iterator[str]:
    """Iterate over the global names that code and the code within it read."""
    for instruction in dis.get_instructions(code):
        if instruction.opname in {"LOAD_GLOBAL", "LOAD_NAME"}:
            yield instruction.argval
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from _global_names(inner)


def _import_line(name: str, value: Any) -> str:
    """Return the line that imports a value; empty if the notebook defines it."""
    if isinstance(value, ModuleType):
        whole = value.__name__
        return f"import {whole}" if whole == name else f"import {whole} as {name}"
    module, own = getattr(value, "__module__", None), getattr(value, "__qualname__", "")
    if module == "__main__" or getattr(sys.modules.get(module or ""), own, None) is not value:
        return ""
    return f"from {module} import {own}" + ("" if own == name else f" as {name}")


def _is_literal(value: Any) -> bool:
    """Return whether Python reads a value back from how it is written."""
    try:
        return bool(ast.literal_eval(repr(value)) == value)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return False


def _statement(name: str, function: Any) -> str:
    """Return the line beside a function that makes a name; empty if there is none."""
    text = "".join(linecache.getlines(function.__code__.co_filename))
    try:
        body = ast.parse(text).body
    except SyntaxError:
        return ""
    made = [one for one in body if isinstance(one, ast.Assign) and name in _targets(one)]
    return (ast.get_source_segment(text, made[-1]) or "") if made else ""


def _targets(statement: ast.Assign) -> set[str]:
    return {one.id for target in statement.targets for one in ast.walk(target)
            if isinstance(one, ast.Name)}  # fmt: skip
