"""What the first page of the web app says of each app: title, sentence, time, figures."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from math import inf
from pathlib import Path
from typing import Any

import nbformat

from oda_widgets.cli.app import WORKBENCH
from oda_widgets.files import write_whole
from oda_widgets.panels.apps import App
from scripts.apps import NOTEBOOKS, ROOT, opened

TEMPLATE = ROOT / "oda_widgets/panels/share/jupyter/voila/templates/oda-widgets"
PICTURES = TEMPLATE / "static"
_CARDS = TEMPLATE / "cards.html.j2"
_HEAD = "{#- Written by scripts/record_apps.py, not by hand. -#}\n"


def write_gallery(paths: list[Path]) -> None:
    """Write the cards of the apps that are recorded."""
    recorded = [one for one in paths if (one.parent / "recorded" / f"{one.stem}.zip").is_file()]
    cards = {path.name: _card(path) for path in recorded} | {WORKBENCH: _workbench()}
    text = json.dumps(cards, indent=1, ensure_ascii=False)
    write_whole(_CARDS, f"{_HEAD}{{% set cards = {text} %}}\n".encode())


def _card(path: Path) -> dict[str, Any]:
    with opened(path) as app:
        return card_of(path, app)


def card_of(path: Path, app: App) -> dict[str, Any]:
    """Return what a card says of a notebook, in whose folder its app was opened."""
    notebook = nbformat.read(path, as_version=4)
    title, _, rest = notebook.cells[0].source.partition("\n")
    answer = app.recording.read(app.choices)
    return {
        "title": title.lstrip("# "),
        "sentence": " ".join(rest.split()),
        "figures": figures_of(part.figure for part in answer.parts),
        "seconds": max(round(answer.seconds), 1),  # 0 is for a page that computes nothing
        "picture": f"{path.stem}.png",
    }


def figures_of(names: Iterable[str]) -> list[str]:
    """Return the names of figures, each once: those with a number in its order, before others."""
    short = dict.fromkeys(name.partition(":")[0] for name in names)
    return sorted(short, key=_number)


def _number(name: str) -> float:
    found = re.fullmatch(r"Figure (\d+)", name)
    return int(found[1]) if found else inf


def _workbench() -> dict[str, Any]:
    """Return the card of the workbench; its picture is of the page itself."""
    notebook = nbformat.read(NOTEBOOKS / WORKBENCH, as_version=4)
    sentence = " ".join(notebook.cells[0].source.split()).replace("*", "")
    return {
        "title": "Any source: the workbench",
        "sentence": sentence,
        "figures": ["images", "light curves", "spectra", "fits"],
        "seconds": 0,
        "picture": f"{Path(WORKBENCH).stem}.png",
    }
