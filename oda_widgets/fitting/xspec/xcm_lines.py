"""The lines of XSPEC's command files: commands, and the rows of parameters behind a model."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from io import TextIOWrapper
from pathlib import Path

from oda_widgets.errors import BadParameter, DamagedFile, shorten
from oda_widgets.files import open_regular
from oda_widgets.fitting.models.parameters import Parameter
from oda_widgets.request.numbers import number_in

_LONGEST = 1_000_000  # bytes
_BETWEEN = re.compile(r"\s*,\s*|\s+")
_NAMED = re.compile(r"(?P<source>\d{1,4}):\w+")  # "model 1:src ..."
_RANGE = re.compile(r"(\d{1,6})(?:-(\d{1,6}))?")
_A_NAME = re.compile(r"[A-Za-z]")
_MOST_NUMBERS = 10_000


@dataclass(frozen=True)
class Command:
    """A line of a command file.

    Parameters
    ----------
    name
        In lower case.
    words
        The words after the name.
    rows
        Of a model: the lines of its parameters.
    """

    name: str
    words: tuple[str, ...]
    rows: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The line."""
        return " ".join([self.name, *self.words])

    @property
    def source(self) -> int:
        """Number of the source of a model, 1 where it has none."""
        found = _NAMED.fullmatch(self.words[0]) if self.words else None
        return int(found["source"]) if found else 1

    @property
    def expression(self) -> str:
        """The expression of a model, without its name."""
        named = bool(self.words) and _NAMED.fullmatch(self.words[0]) is not None
        return " ".join(self.words[named:])


def commands_of(path: Path, known: frozenset[str]) -> list[Command]:
    """Return the commands of a file.

    Parameters
    ----------
    path
        The file.
    known
        Names of commands, in lower case; a line with any other name is a row of the model above.

    Raises
    ------
    BadParameter
        If the file cannot be read.
    """
    commands = list[Command]()
    within = False
    for line in _lines(path):
        name, *words = line.split()
        lower = name.casefold()
        if within and lower not in known:
            last = commands[-1]
            commands[-1] = replace(last, rows=(*last.rows, line))
        else:
            commands.append(Command(lower, tuple(words)))
            within = lower == "model"
    return commands


def _lines(path: Path) -> list[str]:
    try:
        with TextIOWrapper(
            open_regular(path.expanduser()), encoding="utf-8", errors="replace"
        ) as file:
            text = file.read(_LONGEST)
    except OSError as error:
        limit = f"cannot be read ({error.strerror})"
        raise BadParameter("model", str(path), limit, "Give an .xcm file that is there.") from None
    plain = (line.strip() for line in text.replace("\\\n", " ").splitlines())
    return [line for line in plain if line and not line.startswith("#")]


def changed(item: Parameter, line: str, path: str) -> Parameter:
    """Return a parameter with its row applied: a link, or value, step and limits.

    Raises
    ------
    DamagedFile
        If the row cannot be read.
    """
    if line.startswith("="):
        link = line.lstrip("= ")
        if not _A_NAME.search(link):
            problem = f"The line {shorten(line)} of {path} links to no parameter."
            number = re.match(r"[1-9]\d{0,5}", link)
            raise DamagedFile(problem, f"Write = p{number[0] if number else 1}.")
        return replace(item, link=link, frozen=False)
    if line.startswith("/"):
        return item
    step = -item.step if item.frozen else item.step
    usual = [item.value, step, item.low, item.low, item.high, item.high]
    words = _BETWEEN.split(line.partition("/")[0].strip())[: len(usual)]
    stated = [_number(word, line, path) for word in words] + [None] * (len(usual) - len(words))
    value, step, low, _bottom, _top, high = (
        known if number is None else number for number, known in zip(stated, usual, strict=True)
    )
    return replace(
        item,
        value=value,
        step=abs(step) or item.step,
        frozen=step <= 0,
        low=low,
        high=high,
        link="",
    )


def _number(word: str, line: str, path: str) -> float | None:
    """Return a number, None for an empty place; Fortran writes 1D-3."""
    if not word:
        return None
    number = number_in(word)
    if number is None:
        problem = f"The line {shorten(line)} of {path} is no parameter."
        raise DamagedFile(problem, "A parameter is: value step min bottom top max.")
    return number


def numbers_of(words: Sequence[str], most: int) -> list[int] | None:
    """Return the numbers of words such as "1", "2-4" and "1,3", up to a largest one.

    None if a word is something else.
    """
    found = list[int]()
    for word in ",".join(words).split(","):
        match = _RANGE.fullmatch(word)
        if match is None:
            return None
        first, last = int(match[1]), int(match[2] or match[1])
        found += range(first, min(last, most) + 1)
        if len(found) > _MOST_NUMBERS:
            return None
    return found
