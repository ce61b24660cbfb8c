"""The blocks of README and docs, run in order and in one folder, as a reader would run them.

A block that cannot run here is preceded by a comment that says why,
``<!-- skip: next "it opens a browser" -->``; what a page leaves out stands in a comment too,
``<!-- invisible-code-block: python ... -->``. Addresses of servers are replaced by ours.
"""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any
from unittest import SkipTest

import pytest
from sybil import Example, Sybil
from sybil.parsers.markdown import CodeBlockParser, SkipParser

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
    """Run the lines of a block, and stop at the first that fails."""
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
    place = f"{Path(example.path).name}, line {example.line}"
    assert done.returncode == 0, f"{place}:\n{example.parsed}\n{done.stderr}"


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
