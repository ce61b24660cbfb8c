"""XSPEC's command files (.xcm): the model with its parameters, read and written.

The lines after ``model`` are read, the changes of ``newpar``, ``freeze``, ``thaw`` and ``untie``,
and ``statistic``. Other commands that would change a fit are not applied; notes list them. No
command of a file is ever run.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from oda_widgets.errors import DamagedFile, shorten
from oda_widgets.fitting.models.arithmetic import renamed
from oda_widgets.fitting.models.expression import components, parse
from oda_widgets.fitting.models.parameters import Parameter, Parameters, parameters_of
from oda_widgets.fitting.statistics import STATISTICS
from oda_widgets.fitting.xspec.xcm_lines import Command, changed, commands_of, numbers_of
from oda_widgets.request.paths import file_path
from oda_widgets.request.words import one_line

# Commands that change no value of a fit.
_NO_EFFECT = frozenset({
    "abund", "arf", "backgrnd", "cosmo", "cpd", "data", "error", "exit", "fit", "hardcopy", "log",
    "method", "parallel", "plot", "query", "quit", "renorm", "response", "save", "setplot", "show",
    "statistic", "steppar", "xsect", "xset",
})  # fmt: skip
# Commands that are applied to the parameters.
_CHANGES = frozenset({"freeze", "model", "newpar", "thaw", "untie"})
# Commands that change a fit and are not applied; what to write instead.
_NOT_APPLIED = {
    "addcomp": "write the model as it should be",
    "bayes": "chains have priors of their own",
    "corfile": "it is not subtracted",
    "cornorm": "it is not subtracted",
    "delcomp": "write the model as it should be",
    "editmod": "write the model as it should be",
    "energies": "the energies are those of the response",
    "gain": "the energies are those of the response",
    "ignore": "choose channels by energy=",
    "notice": "choose channels by energy=",
    "systematic": "write systematic=, a fraction of the rates",
    "weight": "errors are those of the data",
}
# Such commands that change nothing.
_HARMLESS = frozenset({"bayes off", "ignore bad", "systematic 0", "weight standard"})
_ABSORBERS = frozenset({"phabs", "TBabs"})
_DEFAULTS = {"abund": "angr", "xsect": "vern"}


@dataclass(frozen=True)
class CommandFile:
    """Contents of a command file.

    Parameters
    ----------
    model
        The expression.
    parameters
        Of as many spectra as are fitted.
    statistics
        "chi2", "cstat" or "pgstat" for each spectrum; None where the file does not set one.
    notes
        Settings of the file that are not applied.
    """

    model: str
    parameters: Parameters
    statistics: tuple[str | None, ...]
    notes: tuple[str, ...] = ()


def read_xcm(path: str | Path, n_spectra: int) -> CommandFile:
    """Read a command file.

    Parameters
    ----------
    path
        The file.
    n_spectra
        Number of spectra to fit; those that the file does not name share the parameters of the
        first.

    Raises
    ------
    BadParameter
        If the file does not exist, or its model cannot be used.
    DamagedFile
        If it holds no model, or a line that cannot be read.
    """
    known = _NO_EFFECT | _CHANGES | frozenset(_NOT_APPLIED)
    commands = commands_of(file_path("model", path), known)
    models = [command for command in commands if command.name == "model"]
    if not models:
        problem = f"There is no model in {path}."
        raise DamagedFile(problem, 'Save one in XSPEC with "save model".')
    chosen = next((one for one in models if one.source == 1), models[0])
    tree = parse(chosen.expression)
    usual = parameters_of(list(components(tree)), n_spectra)
    items = _applied(list(usual.values()), chosen, commands, str(path))
    statistics, unknown = _statistics(commands, n_spectra)
    notes = (
        *_absorption_notes(commands, {part.model.name for part in components(tree)}),
        *(_note_on(command, known) for command in commands),
        *(
            f'The file has a second model, "{one_line(o.text, 100)}": it was left out.'
            for o in models
            if o is not chosen
        ),
        *_row_notes(chosen, len(usual), n_spectra),
        *unknown,
    )
    unique = tuple(dict.fromkeys(filter(None, notes)))
    return CommandFile(str(tree), Parameters(items), statistics, unique)


def _applied(
    items: list[Parameter], chosen: Command, commands: Sequence[Command], path: str
) -> list[Parameter]:
    """Return parameters with their rows and the commands after the model applied."""
    for index, row in enumerate(chosen.rows[: len(items)]):
        items[index] = changed(items[index], row, path)
    for command in commands[commands.index(chosen) + 1 :]:
        if command.name in _CHANGES - {"model"}:
            _apply(command, items, path)
    names = Parameters(items)
    return [
        replace(i, link=renamed(i.link, lambda word: names[word].full_name)) if i.link else i
        for i in items
    ]


def _apply(command: Command, items: list[Parameter], path: str) -> None:
    """Change parameters by newpar, freeze, thaw or untie."""
    words = command.words[:1] if command.name == "newpar" else command.words
    numbers = numbers_of(words, len(items))
    if not numbers or min(numbers) < 1 or max(numbers) > len(items):
        problem = f"The line {shorten(command.text)} of {path} names no parameter of the model."
        raise DamagedFile(problem, f"Its parameters are numbered 1 to {len(items)}.")
    for number in numbers:
        item = items[number - 1]
        if command.name == "newpar":
            items[number - 1] = changed(item, " ".join(command.words[1:]) or "/", path)
        elif command.name == "untie":
            items[number - 1] = replace(item, link="")
        else:
            items[number - 1] = replace(item, frozen=command.name == "freeze")


def _statistics(
    commands: Sequence[Command], n_spectra: int
) -> tuple[tuple[str | None, ...], list[str]]:
    """Return the statistic of each spectrum, and notes on those that are not known."""
    found, notes = list[str | None]([None] * n_spectra), list[str]()
    for command in commands:
        if command.name != "statistic" or not command.words or command.words[0] == "test":
            continue
        name = _statistic(command.words[0].casefold())
        numbers = numbers_of(command.words[1:], n_spectra) if command.words[1:] else None
        if name is None or (numbers is None and command.words[1:]):
            notes.append(_not_applied_text(command, "the statistic that suits the data is used"))
            continue
        for number in range(1, n_spectra + 1) if numbers is None else numbers:
            if 1 <= number <= n_spectra:
                found[number - 1] = name
    return tuple(found), notes


def _statistic(word: str) -> str | None:
    """Return the name of the statistic that a word of XSPEC means, for data without background."""
    named = (name for name, kind in STATISTICS.items() if word in {name, kind.xspec})
    return next(named, None)


def _note_on(command: Command, known: frozenset[str]) -> str:
    """Return a note on a command that is not applied; "" if it is, or has no effect."""
    without_effect = command.text.casefold() in _HARMLESS or not command.words
    if command.name not in known:
        return _not_applied_text(command, "such commands are not known")
    return (
        ""
        if without_effect or command.name not in _NOT_APPLIED
        else _not_applied_text(command, _NOT_APPLIED[command.name])
    )


def _absorption_notes(commands: Sequence[Command], models: set[str]) -> list[str]:
    settings = {command.name: command for command in commands if command.words}
    return [
        _not_applied_text(settings[name], f"{usual} is used")
        for name, usual in _DEFAULTS.items()
        if models & _ABSORBERS and name in settings and settings[name].words[0].casefold() != usual
    ]


def _row_notes(chosen: Command, n_parameters: int, n_spectra: int) -> list[str]:
    """Return a note if a model has more rows than parameters, or too few for one spectrum."""
    rows = len(chosen.rows)
    if rows > n_parameters:
        spectra = "1 spectrum" if n_spectra == 1 else f"{n_spectra} spectra"
        return [f"The file has {rows} parameters: of {spectra} the first {n_parameters} are used."]
    own = n_parameters // n_spectra
    if rows < own and not any(row.startswith("/*") for row in chosen.rows):
        return [f"The file has {rows} of {own} parameters: others start from their usual values."]
    return []


def _not_applied_text(command: Command, instead: str) -> str:
    return f'The file sets "{one_line(command.text, 100)}", which is not applied: {instead}.'


def xcm_text(
    model: str,
    parameters: Parameters,
    statistics: Sequence[str],
    ranges: Sequence[tuple[float, float]] = (),
) -> str:
    """Return the content of a command file.

    Parameters
    ----------
    model
        The expression.
    parameters
        All parameters, with the values to start from.
    statistics
        Name of the statistic of each spectrum.
    ranges
        Fitted energies of each, keV: comments give the commands that leave out the others. They
        work only once the spectra are loaded, which this file does not do.
    """
    names = [STATISTICS[name].xspec for name in statistics]
    lines = [f"statistic {name} {number}" for number, name in enumerate(names, 1)]
    stated = lines if len(set(names)) > 1 else [f"statistic {names[0]}"]
    head = ["method leven 100 0.001", *stated, f"model {model}"]
    rows = [_row(parameters, item) for item in parameters.values()]
    return "\n".join([*_range_comments(ranges), *head, *rows, ""])


def _range_comments(ranges: Sequence[tuple[float, float]]) -> list[str]:
    """Return comments with the energies of a fit, as commands for spectra that are loaded."""
    if not ranges:
        return []
    left_out = [
        f"#   ignore {number}:**-{float(low)!r} {float(high)!r}-**"
        for number, (low, high) in enumerate(ranges, 1)
    ]
    return ["# Load the spectra, and leave out what was not fitted:", *left_out]


def _row(parameters: Parameters, item: Parameter) -> str:
    if item.link:
        return f"= {renamed(item.link, lambda word: f'p{parameters.index(word) + 1}')}"
    step = -abs(item.step) if item.frozen else abs(item.step)
    numbers = (item.value, step, item.low, item.low, item.high, item.high)
    return " ".join(f"{number:>14.8g}" for number in numbers)
