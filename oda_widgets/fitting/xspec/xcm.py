"""XSPEC's command files (.xcm): the model with its parameters, read and written.

Of a file the lines after ``model`` are read, and ``statistic``. Settings of XSPEC that would
change values and are not applied here (``abund``, ``xsect``, ``cosmo``) are told. Nothing in a
file is ever run.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from io import TextIOWrapper
from pathlib import Path

from oda_widgets.errors import BadParameter, DamagedFile
from oda_widgets.files import open_regular
from oda_widgets.fitting.models.arithmetic import renamed
from oda_widgets.fitting.models.expression import components, parse
from oda_widgets.fitting.models.parameters import Parameter, Parameters, parameters_of
from oda_widgets.fitting.statistics import STATISTICS
from oda_widgets.request.paths import file_path

_COMMANDS = frozenset({
    "abund", "addcomp", "bayes", "cosmo", "cpd", "data", "fit", "freeze", "ignore", "method",
    "model", "newpar", "notice", "response", "save", "setplot", "show", "statistic", "systematic",
    "thaw", "untie", "xsect", "xset", "arf", "backgrnd", "query", "quit", "exit", "plot", "weight",
})  # fmt: skip
_ABSORBERS = frozenset({"phabs", "TBabs"})
_DEFAULTS = {"abund": "angr", "xsect": "vern"}
_LONGEST = 1_000_000  # bytes


@dataclass(frozen=True)
class CommandFile:
    """Contents of a command file.

    Parameters
    ----------
    model
        The expression.
    parameters
        Of as many spectra as the file speaks of.
    statistic
        "chi2", "cstat" or "pgstat"; None if the file does not set one.
    notes
        What the file sets and is not applied.
    """

    model: str
    parameters: Parameters
    statistic: str | None
    notes: tuple[str, ...] = ()


def read_xcm(path: str | Path, n_spectra: int) -> CommandFile:
    """Read a command file.

    Parameters
    ----------
    path
        The file.
    n_spectra
        How many spectra are to be fitted; spectra of which the file does not speak share the
        parameters of the first.

    Raises
    ------
    BadParameter
        If the file is not there, or its model is not one that can be used.
    DamagedFile
        If it holds no model, or a line that cannot be read.
    """
    lines = list(_lines(file_path("model", path)))
    settings = {words[0].casefold(): words[1:] for words in lines if words[0].isalpha()}
    start = next((i for i, words in enumerate(lines) if words[0].casefold() == "model"), None)
    if start is None:
        problem = f"There is no model in {path}."
        raise DamagedFile(problem, 'Save one in XSPEC with "save model".')
    tree = parse(" ".join(lines[start][1:]))
    rows = _parameter_rows(lines[start + 1 :])
    parameters = parameters_of(list(components(tree)), n_spectra)
    items = list(parameters.values())
    for index, row in enumerate(rows[: len(items)]):
        items[index] = _changed(items[index], row, str(path))
    names = Parameters(items)
    items = [
        replace(i, link=renamed(i.link, lambda word: names[word].full_name)) if i.link else i
        for i in items
    ]
    word = (settings.get("statistic") or [""])[0].casefold()
    notes = _not_applied(settings, {part.model.name for part in components(tree)})
    return CommandFile(str(tree), Parameters(items), _statistic(word), notes)


def _statistic(word: str) -> str | None:
    """Return the name of the statistic that a word of XSPEC means, for data without background."""
    named = (name for name, kind in STATISTICS.items() if word in {name, kind.xspec})
    return next(named, None)


def xcm_text(model: str, parameters: Parameters, statistics: Sequence[str]) -> str:
    """Return the content of a command file.

    Parameters
    ----------
    model
        The expression.
    parameters
        All parameters, with the values to start from.
    statistics
        Name of the statistic of each spectrum.
    """
    names = [STATISTICS[name].xspec for name in statistics]
    lines = [f"statistic {name} {number}" for number, name in enumerate(names, 1)]
    stated = lines if len(set(names)) > 1 else [f"statistic {names[0]}"]
    head = ["method leven 100 0.001", *stated, f"model {model}"]
    rows = [_row(parameters, item) for item in parameters.values()]
    return "\n".join([*head, *rows, ""])


def _row(parameters: Parameters, item: Parameter) -> str:
    if item.link:
        return f"= {renamed(item.link, lambda word: f'p{parameters.index(word) + 1}')}"
    step = -abs(item.step) if item.frozen else abs(item.step)
    numbers = (item.value, step, item.low, item.low, item.high, item.high)
    return " ".join(f"{number:>14.8g}" for number in numbers)


def _lines(path: Path) -> Iterator[list[str]]:
    try:
        with TextIOWrapper(
            open_regular(path.expanduser()), encoding="utf-8", errors="replace"
        ) as file:
            text = file.read(_LONGEST)
    except OSError as error:
        limit = f"cannot be read ({error.strerror})"
        raise BadParameter("model", str(path), limit, "Give an .xcm file that is there.") from None
    for line in text.splitlines():
        words = line.split()
        if words and not words[0].startswith("#"):
            yield words


def _parameter_rows(lines: list[list[str]]) -> list[list[str]]:
    rows: list[list[str]] = []
    for words in lines:
        if words[0].casefold() in _COMMANDS:
            break
        rows.append(words)
    return rows


def _changed(item: Parameter, words: list[str], path: str) -> Parameter:
    """Return a parameter as a row has it: a link, or value, step and limits."""
    if words[0].startswith("="):
        return replace(item, link=" ".join(words).lstrip("= "), frozen=False)
    if words[0].startswith("/"):
        return item
    try:
        numbers = [float(word.replace("d", "e")) for word in words if not word.startswith("/")]
    except ValueError:
        problem = f'The line "{" ".join(words)}" of {path} is no parameter.'
        raise DamagedFile(problem, "A parameter is: value step min bottom top max.") from None
    value, step, low, _bottom, _top, high = _filled(numbers, item)
    return replace(
        item,
        value=value,
        step=abs(step) or item.step,
        frozen=step <= 0,
        low=low,
        high=high,
        link="",
    )


def _filled(numbers: list[float], item: Parameter) -> list[float]:
    step = -item.step if item.frozen else item.step
    usual = [item.value, step, item.low, item.low, item.high, item.high]
    return [*numbers[:6], *usual[len(numbers) :]]


def _not_applied(settings: dict[str, list[str]], models: set[str]) -> tuple[str, ...]:
    if not models & _ABSORBERS:
        return ()
    return tuple(
        f'The file sets "{name} {settings[name][0]}", which is not applied: {usual} is used.'
        for name, usual in _DEFAULTS.items()
        if settings.get(name) and settings[name][0].casefold() != usual
    )
