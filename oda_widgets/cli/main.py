"""``oda-widgets``: one command with a verb for each task.

Exit codes: 0 when it is done, 1 when the doctor finds something broken, 2 when a parameter or the
data are at fault (one line says what and what to do), 130 after Ctrl-C, 141 when the program that
reads the output stops reading, as ``head`` does. ``serve`` and ``app`` stop at SIGTERM, Ctrl-C or
SIGHUP with 0; before they listen, such a signal ends them as it ends other programs.
"""

from __future__ import annotations

import argparse
import errno
import os
import sys
from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any, NoReturn

from oda_widgets.cli import (
    app,
    bursts,
    doctor,
    fetch,
    fit,
    products,
    serve,
    simulate,
    store,
    survey,
)
from oda_widgets.cli.messages import flags_of, in_one_line
from oda_widgets.errors import OdaError, readable
from oda_widgets.request.numbers import number_in
from oda_widgets.version import __version__

_USAGE_ERROR = 2
_INTERRUPTED = 130
_NO_READER = 141  # what a shell reports of a program that SIGPIPE ended
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EIO})  # errors of full or broken disks


class _Parser(argparse.ArgumentParser):
    """A parser whose errors are one line, and whose numbers are written as everywhere else."""

    def __init__(self, *words: Any, **options: Any) -> None:
        super().__init__(*words, **options)
        # Python would take 1_0 for 10, and digits of all scripts.
        self.register("type", int, _whole_number)
        self.register("type", float, _number)

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Refuse unknown flags here: the main parser does not know the flags of its verbs."""
        found, unknown = super().parse_known_args(args, namespace)
        if unknown:
            self.error(f"unrecognized arguments: {' '.join(unknown)}{self._nearest(unknown)}")
        return found, unknown

    def _nearest(self, words: Sequence[str]) -> str:
        """Ask for the flag that was meant; empty if none is near."""
        flags = [flag for action in self._actions for flag in action.option_strings]
        wrong = (word.partition("=")[0] for word in words if word.startswith("-"))
        near = [one for word in wrong for one in get_close_matches(word, flags, n=1)]
        return f". Did you mean {near[0]}?" if near else ""

    def error(self, message: str) -> NoReturn:
        sentence = readable(message if message.endswith("?") else f"{message}.")
        self.exit(_USAGE_ERROR, f"oda-widgets: {sentence} See '{self.prog} --help'.\n")


def _number(text: str) -> float:
    number = number_in(text)
    if number is None:
        raise argparse.ArgumentTypeError(f"not a number: {text!r}")
    return number


def _whole_number(text: str) -> int:
    try:
        _number(text)
        return int(text)
    except (argparse.ArgumentTypeError, ValueError):
        raise argparse.ArgumentTypeError(f"not a whole number: {text!r}") from None


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit code.

    Parameters
    ----------
    arguments
        Words after the name of the program; by default those of the process.
    """
    try:
        try:
            return _run(arguments)
        finally:
            sys.stdout.flush()  # here, where a missing reader is still an exception
    except BrokenPipeError:
        _discard_output()
        return _NO_READER
    except PermissionError as error:  # of a library that keeps files in the home of another user
        what = readable(str(error.filename or error.strerror))
        advice = "Give yourself the right, or set HOME to a folder of your own."
        sys.stderr.write(f"oda-widgets: {what} may not be read or written. {advice}\n")
        return _USAGE_ERROR
    except OSError as error:
        if error.errno not in _FULL:
            raise
        _discard_output()
        sys.stderr.write(f"oda-widgets: the output cannot be written ({error.strerror}).\n")
        return _USAGE_ERROR


def _run(arguments: Sequence[str] | None) -> int:
    options = parser().parse_args(arguments)
    try:
        code: int = options.run(options)
    except OdaError as error:
        sys.stderr.write(f"oda-widgets: {in_one_line(error, options)}\n")
        return _USAGE_ERROR
    except KeyboardInterrupt:
        sys.stderr.write("oda-widgets: interrupted\n")
        return _INTERRUPTED
    return code


def _discard_output() -> None:
    """Discard what is still to be written, so that Python does not fail when it ends."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    program = _Parser(
        prog="oda-widgets",
        description="INTEGRAL hard X-ray analysis: images, spectra and light curves without OSA.",
    )
    program.add_argument("--version", action="version", version=f"oda-widgets {__version__}")
    verbs = program.add_subparsers(title="verbs", required=True, metavar="VERB")
    for module in (app, products, survey, bursts, fit, fetch, serve, simulate, store, doctor):
        module.add_verbs(verbs)
    _keep_flags(verbs)
    return program


def _keep_flags(verbs: Any) -> None:
    """Let the options of each verb know its flags, for the messages of errors."""
    for verb in verbs.choices.values():
        verb.set_defaults(flags=flags_of(verb))
        for action in verb._actions:  # noqa: SLF001 - argparse has no other way to list them
            if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001
                _keep_flags(action)
