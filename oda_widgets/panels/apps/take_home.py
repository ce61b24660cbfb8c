"""The script of an app, which runs without the app."""

from __future__ import annotations

import inspect
import textwrap

from oda_widgets.panels.apps.answer import Choices, Function
from oda_widgets.panels.apps.canonical_value import instructions_of
from oda_widgets.panels.apps.names_of_code import NamesOfCode

_SCRIPT = """{imports}

{site}


{functions}


for figure, shown, *rest in {name}(site{choices}):
    values, options = (*rest, {{}}, {{}})[:2]
    stem = figure.replace(":", ",").replace("/", "-")
    shown.save(f"{{stem}}.pdf", overwrite=True, **options)
    print(figure, values)
"""
_IMPORT = "import oda_widgets as oda"
_SITE = 'site = {}  # or the folder of an archive, "heasarc", the address of a dispatcher'
_BESIDE = "# Run it in the folder of the notebook: it reads files of the folder data beside that."
_DATA = "data/"


def source_of(function: Function) -> str:
    """Return the source of a function; of one that was typed at a prompt its name."""
    try:
        return textwrap.dedent(inspect.getsource(function)).strip()
    except (OSError, TypeError):
        return f"# {function.__name__} was not written in a file or a notebook"


def identity_of(function: Function) -> str:
    """Return a text that changes with a function and with anything that the function reads.

    It holds the function and those that it calls, by their source, or by their instructions where
    there is none, and the values of the notebook, as they are now.
    """
    names = NamesOfCode(function, _source_or_instructions)
    return "\n".join([*names.imports, *names.values, *names.functions, *names.elsewhere])


def _source_or_instructions(function: Function) -> str:
    source = source_of(function)
    return source if not source.startswith("#") else f"{source}: {instructions_of(function)}"


def script_of(function: Function, choices: Choices, connection: str = "oda.connect()") -> str:
    """Return a script that computes an answer and saves its figures.

    It holds whatever the function reads of its notebook: values, other functions, imports.

    Parameters
    ----------
    function
        Of the app.
    choices
        Its arguments, but for the site.
    connection
        Python that connects to the site.
    """
    names = NamesOfCode(function, source_of)
    script = _SCRIPT.format(
        imports="\n".join(dict.fromkeys([*names.imports, _IMPORT])),
        site="\n".join([_SITE.format(connection), *names.values]),
        functions="\n\n\n".join(names.functions),
        name=function.__name__,
        choices="".join(f", {name}={value!r}" for name, value in choices.items()),
    )
    return f"{_BESIDE}\n\n{script}" if _DATA in script else script
