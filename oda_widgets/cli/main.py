"""``oda-widgets``: one command, one verb per thing to do.

Exit codes: 0 when it was done, 1 when the doctor finds something broken, 2 when a parameter or the
data are at fault (one line says what and what to do), 130 after Ctrl-C.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import NoReturn

from oda_widgets.cli import app, ask, doctor, fit, serve, simulate, store
from oda_widgets.errors import OdaError

_USAGE_ERROR = 2
_INTERRUPTED = 130


class _Parser(argparse.ArgumentParser):
    """A parser whose errors are one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(_USAGE_ERROR, f"oda-widgets: {message}. See '{self.prog} --help'.\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit code.

    Parameters
    ----------
    arguments
        Words after the name of the program; by default those of the process.
    """
    options = _parser().parse_args(arguments)
    try:
        code: int = options.run(options)
    except OdaError as error:
        sys.stderr.write(f"oda-widgets: {' '.join(str(error).split())}\n")
        return _USAGE_ERROR
    except KeyboardInterrupt:
        sys.stderr.write("oda-widgets: interrupted\n")
        return _INTERRUPTED
    return code


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="oda-widgets",
        description="INTEGRAL hard X-ray analysis: images, spectra and light curves without OSA.",
    )
    verbs = parser.add_subparsers(title="verbs", required=True, metavar="VERB")
    for room in (app, ask, fit, serve, simulate, store, doctor):
        room.add_verbs(verbs)
    return parser
