"""The blocks of README and docs, run in order and in one folder, as a reader would run them.

A block that cannot run here is preceded by a comment that says why,
``<!-- skip: next "it opens a browser" -->``; what a page leaves out stands in a comment too,
``<!-- invisible-code-block: python ... -->``. Addresses of servers are replaced by ours.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import textwrap
import warnings
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any
from unittest import SkipTest

import pytest
from sybil import Example, Sybil
from sybil.parsers.markdown import CodeBlockParser, SkipParser

from oda_widgets.cli.main import main
from tests.patience import PATIENCE

ROOT = Path(__file__).parents[2]
PAGES = sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", *ROOT.glob("docs/*.md")])
LANGUAGES = {"python", "sh"}


def run(
    page: Path,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    names: Mapping[str, Any] = MappingProxyType({}),
    replaced: Mapping[str, str] = MappingProxyType({}),
) -> int:
    """Run the blocks of a page; return how many were run.

    Parameters
    ----------
    page
        Markdown.
    folder
        Where it is run; it has the notebooks of the repository.
    monkeypatch
        Sets the environment of the blocks: that of a user without a network.
    names
        Names that the blocks know beforehand.
    replaced
        Texts that are replaced in the page, above all addresses.
    """
    monkeypatch.chdir(folder)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("ODA_WIDGETS_ONLINE", "no")
    (folder / "notebooks").symlink_to(ROOT / "notebooks")
    copy = folder / page.name
    text = page.read_text(encoding="utf-8")
    for old, new in replaced.items():
        text = text.replace(old, new)
    copy.write_text(text, encoding="utf-8")
    document = _SYBIL.parse(copy)
    document.namespace.update(names)
    return sum(_has_run(example) for example in document.examples())


def unknown_languages(page: Path) -> set[str]:
    """Return the languages of blocks that are neither run nor known to be data."""
    fences = [line[3:].strip() for line in page.read_text(encoding="utf-8").splitlines()
              if line.startswith("```")]  # fmt: skip
    return set(fences) - LANGUAGES - {"", "toml", "text"} - {f for f in fences if f.startswith("{")}


def _has_run(example: Example) -> bool:
    try:
        example.evaluate()
    except SkipTest:
        return False
    return True


def _shell(example: Example) -> None:
    """Run the lines of a block, and stop at the first that fails.

    A shell runs those of the README; on other pages, commands of ours are run in this process,
    since each would import for seconds what is there already.
    """
    place = f"{Path(example.path).name}, line {example.line}"
    lines = [line for line in str(example.parsed).splitlines() if line.strip()]
    if Path(example.path).name != "README.md" and all(map(_OURS.fullmatch, lines)):
        for line in lines:
            assert _command(line) == 0, f"{place}:\n{line}"
        return
    programs = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    done = subprocess.run(
        ["sh", "-e"],
        input=str(example.parsed),
        cwd=Path(example.path).parent,
        env=os.environ | {"PATH": programs},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, f"{place}:\n{example.parsed}\n{done.stderr}"


# A command that means the same without a shell, after settings of its own.
_OURS = re.compile(r"(?:[A-Z_]+=\w+ )*oda-widgets(?: [^|&;<>$`*~\\#]*)?(?:#.*)?")


def _command(line: str) -> int:
    """Run one command of ours; return its exit code."""
    words = shlex.split(line, comments=True)
    place = words.index("oda-widgets")
    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
        warnings.simplefilter("default")
        for setting in words[:place]:
            patch.setenv(*setting.split("=", 1))
        try:
            return main(words[place + 1 :])
        except SystemExit as end:
            return int(end.code or 0)


def _python(example: Example) -> None:
    """Run a block in the namespace of its page, or in the environment of oda_api."""
    source = textwrap.dedent(str(example.parsed))
    if "oda_api.api" in source:
        example.namespace["oda_api"].run(
            f"{source}\nprint('null')", folder=Path(example.path).parent
        )
        return
    code = compile(
        "\n" * (example.line + example.parsed.line_offset) + source, example.path, "exec"
    )
    exec(code, example.namespace)  # noqa: S102 - our own page


_SYBIL = Sybil([SkipParser(), CodeBlockParser("python", _python), CodeBlockParser("sh", _shell)])
