"""The script of an app, to be run anywhere."""

from __future__ import annotations

import inspect
import textwrap

from oda_widgets.panels.apps.answer import Choices, Function

_SCRIPT = """import oda_widgets as oda

site = oda.connect()  # or the folder of an archive, "heasarc", the address of a dispatcher


{source}

for figure, shown, *rest in {name}(site{choices}):
    values, options = (*rest, {{}}, {{}})[:2]
    shown.save(f"{{figure}}.pdf", overwrite=True, **options)
    print(figure, values)
"""


def source_of(function: Function) -> str:
    """Return the source of a function; of one that was typed at a prompt its name."""
    try:
        return textwrap.dedent(inspect.getsource(function)).strip()
    except (OSError, TypeError):
        return f"# {function.__name__} was not written in a file or a notebook"


def script_of(function: Function, choices: Choices) -> str:
    """Return a script that computes an answer and saves its figures."""
    words = "".join(f", {name}={value!r}" for name, value in choices.items())
    return _SCRIPT.format(source=source_of(function), name=function.__name__, choices=words)
