"""Draw docs/rooms.svg, the rooms from top to bottom, and docs/query_flow.svg, the way of a query.

Run ``python -m scripts.draw_rooms`` after the rooms have changed; a test compares.
"""

from __future__ import annotations

import tomllib
from itertools import pairwise
from pathlib import Path

from scripts.drawing import arrow, box, picture, text

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"

ROOMS = {
    "wiring": "gives values what rooms above them can do",
    "cli": "the command line: oda-widgets image …",
    "panels": "the workbench, in JupyterLab and Voila",
    "views": "figures: page and paper",
    "server": "the dispatcher's protocol",
    "backend": "site and jobs; embedded, dispatcher, recorded",
    "analysis": "the steps of an analysis, as nodes",
    "engine": "mask, fit, maps, rates",
    "archive": "ISDC, sample, simulated mission",
    "fitting": "spectral models, fits, errors, chains, XSPEC",
    "protocol": "the dispatcher's language",
    "workers": "processes, Dask; nothing astronomical",
    "instruments": "one folder an instrument",
    "products": "image, spectrum, light curve, and their files",
    "provenance": "nodes, the store of results, histories",
    "lookup": "names and the reference catalogue",
    "request": "queries: frozen, checked, with an identity",
    "config": "settings",
    "files": "written whole or not at all",
    "gunzip": "gzip, unpacked in pieces",
    "arrays": "kinds of arrays",
    "abilities": "what values can do",
    "errors": "the error tree",
    "forking": "threads after a fork",
    "version": "of the package",
}
STATIONS: tuple[tuple[str, str], ...] = (
    ("site.image(…)", "backend: names, defaults"),
    ("query", "request: frozen, has an identity"),
    ("job", "backend: status, progress, cancel"),
    ("plan", "analysis: nodes and their tasks"),
    ("store", "provenance: is the result there?"),
    ("tasks", "workers: one per science window"),
    ("events", "archive: read and checked"),
    ("fit, maps", "engine: pure functions"),
    ("sum", "analysis: mosaic, mean, join"),
    ("product", "products: values and history"),
    ("figure, file", "views, products/files"),
)
_WIDTH, _HEIGHT, _GAP, _MARGIN = 250, 46, 22, 24
_PER_ROW = 3
_TOWER, _STEP = 620, 12  # width of the rooms, and what is between two of them


def layers() -> list[list[str]]:
    """Return the rooms from top to bottom, as the import contract has them."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    (contract,) = (
        contract
        for contract in contracts["tool"]["importlinter"]["contracts"]
        if contract.get("containers") == ["oda_widgets"]
    )
    return [layer.split(" | ") for layer in contract["layers"]]


def rooms() -> str:
    """Return the rooms as a tower in which imports go down."""
    parts = []
    tower = layers()
    for level, layer in enumerate(tower):
        width = (_TOWER - _STEP * (len(layer) - 1)) / len(layer)
        for number, name in enumerate(layer):
            place = _MARGIN + number * (width + _STEP), _MARGIN + level * (_HEIGHT + _STEP)
            parts.append(box(*place, width, _HEIGHT, name, ROOMS[name]))
    bottom = _MARGIN + len(tower) * (_HEIGHT + _STEP)
    side = _MARGIN + _TOWER + 24
    parts.append(arrow((side, _MARGIN), (side, bottom - _STEP)))
    parts.append(text(side + 12, bottom / 2, "imports"))
    return picture(side + 90, bottom + _STEP, parts)


def query_flow() -> str:
    """Return the stations of a query, row by row; every second row runs from right to left."""
    parts = []
    places = [_place(number) for number in range(len(STATIONS))]
    for number, ((x, y), (title, subtitle)) in enumerate(zip(places, STATIONS, strict=True)):
        parts.append(box(x, y, _WIDTH, _HEIGHT, f"{number + 1}  {title}", subtitle))
    for here, there in pairwise(places):
        parts.append(_between(here, there))
    _, last_y = places[-1]
    width = 2 * _MARGIN + _PER_ROW * _WIDTH + (_PER_ROW - 1) * 2 * _GAP
    height = last_y + _HEIGHT + _MARGIN + 20
    parts.append(
        text(_MARGIN, height - 12, "If the store has the result of 4, steps 6 to 9 are left out.")
    )
    return picture(width, height, parts)


def _place(number: int) -> tuple[float, float]:
    row, column = divmod(number, _PER_ROW)
    if row % 2:
        column = _PER_ROW - 1 - column
    return _MARGIN + column * (_WIDTH + 2 * _GAP), _MARGIN + row * (_HEIGHT + 2 * _GAP)


def _between(here: tuple[float, float], there: tuple[float, float]) -> str:
    (x, y), (next_x, next_y) = here, there
    if next_y > y:
        middle = x + _WIDTH / 2
        return arrow((middle, y + _HEIGHT + 2), (middle, next_y - 2))
    level = y + _HEIGHT / 2
    if next_x > x:
        return arrow((x + _WIDTH + 2, level), (next_x - 2, level))
    return arrow((x - 2, level), (next_x + _WIDTH + 2, level))


DRAWINGS = {"rooms.svg": rooms, "query_flow.svg": query_flow}

if __name__ == "__main__":
    for name, draw in DRAWINGS.items():
        (DOCS / name).write_text(draw(), encoding="utf-8")
