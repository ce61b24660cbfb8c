"""Write the tables of docs/settings.md and docs/cli.md from the code that they describe.

Run ``python -m scripts.write_reference`` after a setting or an option has changed; a test compares.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

from numpydoc.docscrape import ClassDoc

from oda_widgets.cli.main import parser
from oda_widgets.config import Settings
from tests.validation.report import between_marks, escaped

DOCS = Path(__file__).parents[1] / "docs"
SETTINGS_MARKS = ("<!-- settings -->", "<!-- end of settings -->")
VERBS_MARKS = ("<!-- verbs -->", "<!-- end of verbs -->")


def settings_table() -> str:
    """Return a row for each setting, in the words of its class."""
    texts = {p.name: " ".join(p.desc) for p in ClassDoc(Settings)["Parameters"]}
    lines = [
        "| in `settings.toml` | environment variable | default | meaning |",
        "|---|---|---|---|",
    ]
    for setting in fields(Settings):
        default = "" if setting.name == "cache_folder" else _default(setting.default)
        variable = f"`ODA_WIDGETS_{setting.name.upper()}`"
        text = escaped(texts[setting.name].replace("``", "`"))
        lines.append(f"| `{setting.name}` | {variable} | {default} | {text} |")
    return "\n".join(lines)


def _default(value: object) -> str:
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f"`{value}`" if value != "" else "empty"


def verbs_text() -> str:
    """Return the help of each verb."""
    return "\n\n".join(_sections(parser(), "##"))


def _sections(command: argparse.ArgumentParser, heading: str) -> Iterator[str]:
    for action in command._actions:  # noqa: SLF001 - argparse has no other way to list them
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001
            helps = {choice.dest: choice.help for choice in action._choices_actions}  # noqa: SLF001
            for name, verb in action.choices.items():
                parts = f"{heading} {verb.prog}", _sentence(helps[name]), _options(verb)
                yield "\n\n".join(filter(None, parts))
                yield from _sections(verb, f"{heading}#")


def _sentence(text: str | None) -> str:
    return f"{(text or '')[:1].upper()}{(text or '')[1:]}."


def _options(verb: argparse.ArgumentParser) -> str:
    formatter = verb._get_formatter()  # noqa: SLF001 - writes what --help does, for each option
    rows = [
        f"| `{formatter._format_action_invocation(action)}` | {escaped(str(action.help or ''))} |"  # noqa: SLF001
        for action in verb._actions  # noqa: SLF001
        if action.dest != "help" and not isinstance(action, argparse._SubParsersAction)  # noqa: SLF001
    ]
    return "\n".join(["| | |", "|---|---|", *rows]) if rows else ""


def pages() -> dict[Path, str]:
    """Return the pages with their tables renewed."""
    texts = {
        "settings.md": (settings_table(), SETTINGS_MARKS),
        "cli.md": (verbs_text(), VERBS_MARKS),
    }
    return {
        DOCS / name: between_marks((DOCS / name).read_text(encoding="utf-8"), text, marks)
        for name, (text, marks) in texts.items()
    }


if __name__ == "__main__":
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8")
