"""Errors in the words of the command line: flags where Python has keywords."""

from __future__ import annotations

import argparse
import re
from collections.abc import Mapping
from typing import Any

from oda_widgets.errors import BadParameter, OdaError, clipped, printable, readable

# Parameters whose option has another name.
_OPTIONS = {
    "detection_threshold": "threshold",
    "intervals": "interval",
    "limit": "windows",
    "path": "out",
    "science_windows": "windows",
    "time_bin": "bin",
}
# Arguments that are flags of another name.
_FLAGS = {"resume=False": "afresh"}
# A keyword argument in a sentence, as energy=(20, 40), overwrite=True or statistic="cstat".
_KEYWORD = re.compile(
    r"\b(?P<name>[a-z_]+)=(?P<value>\[.*?\]|\([^)]*\)|\"[^\"]*\"|'[^']*'|[\w.+-]*\w|\.\.\.)"
)
# A call of Python that chooses science windows, for which verbs have flags.
_CHOICE = re.compile(r"\bsite\.science_windows\(.*?\)")
_CHOOSING = ("start", "stop", "radius", "limit", "windows")


def in_one_line(error: OdaError, options: argparse.Namespace) -> str:
    """Return the message of an error in one line that names flags.

    Parameters
    ----------
    error
        The error of a call.
    options
        Those of the verb that made the call, with its ``flags`` (see `flags_of`).
    """
    flags: Mapping[str, str] = getattr(options, "flags", {})
    problem = error.problem
    if isinstance(error, BadParameter):
        flag = _flag_of(_option_of_error(error, options), flags)
        if flag is not None:
            value = "" if error.value is None else f" {_argument_text(error.value)}"
            problem = f"{flag}{value}: {error.limit}."
            flags = {**flags, error.parameter: flag}
    advice = _CHOICE.sub(lambda _found: _choosing_flags(flags), error.advice)
    text = f"{readable(problem)} {_KEYWORD.sub(lambda found: _as_flag(found, flags), advice)}"
    return " ".join(text.split())


def flags_of(parser: argparse.ArgumentParser) -> dict[str, str]:
    """Return the flag of each option of a verb, by the name of the option."""
    return {
        action.dest: action.option_strings[-1]
        for action in parser._actions  # noqa: SLF001 - argparse has no other way to list them
        if action.option_strings
    }


def _option_of_error(error: BadParameter, options: argparse.Namespace) -> str:
    """Return the option that the parameter of an error comes from."""
    if error.parameter == "path":
        return _option_of_file(str(error.value), options)
    return error.parameter


def _flag_of(parameter: str, flags: Mapping[str, str]) -> str | None:
    """Return the flag of a parameter, if the verb has one."""
    return flags.get(parameter) or flags.get(_OPTIONS.get(parameter, ""))


def _option_of_file(file: str, options: argparse.Namespace) -> str:
    """Return the option, or the argument without a flag, by which a file was given."""
    for name, value in vars(options).items():
        words = map(str, value) if isinstance(value, list) else [str(value)]
        if any(word == file or word.endswith(f":{file}") for word in words):  # recorded:file
            return name
    return "out"


def _argument_text(value: Any) -> str:
    """Return a value as it is written behind a flag."""
    if isinstance(value, list | tuple):
        return " ".join(_argument_text(part) for part in value)
    return f"{value:g}" if isinstance(value, float) else printable(clipped(str(value)))


def _choosing_flags(flags: Mapping[str, str]) -> str:
    """Return the flags that choose science windows."""
    *others, last = (flags[name] for name in _CHOOSING if name in flags)
    return f"{', '.join(others)} or {last}"


def _as_flag(found: re.Match[str], flags: Mapping[str, str]) -> str:
    """Return a keyword argument as a flag, or unchanged if the verb has no such flag."""
    if _FLAGS.get(found[0]) in flags:
        return flags[_FLAGS[found[0]]]
    flag = _flag_of(found["name"], flags)
    if flag is None:
        return found[0]
    words = re.findall(r"[^\s()\[\],\"']+", found["value"])
    return " ".join([flag, *(word for word in words if word not in {"True", "..."})])
