"""Writing the pages that are not in the repository."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path


def write_folder(folder: Path, texts: Mapping[str, str]) -> None:
    """Write files into a folder, and remove all other files from it."""
    folder.mkdir(exist_ok=True)
    for path in folder.iterdir():
        if path.is_file() and path.name not in texts:
            path.unlink()
    for name, text in texts.items():
        write_changed(folder / name, text)


def write_changed(path: Path, text: str) -> None:
    """Write a file unless it has this text: Sphinx reads every file with a new time again."""
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")
