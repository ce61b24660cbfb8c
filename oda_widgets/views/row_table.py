"""A table of texts that is sorted by its headings, with buttons and ticks in its rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import traitlets
from anywidget import AnyWidget

MOST_ROWS = 2000  # as many as a page draws without delay
_HERE = Path(__file__).parent

Cell = str | tuple[str, float]  # a text, and the number by which it is sorted


@dataclass(frozen=True)
class Row:
    """A row: its identifier, its cells and the names of its buttons."""

    id: str
    cells: tuple[Cell, ...]
    actions: tuple[str, ...] = ()


class RowTable(AnyWidget):
    """A table that a keyboard and a screen reader can use.

    Parameters
    ----------
    name
        What the table lists, for screen readers.
    columns
        Headings.
    on_act
        Called with a row's identifier and the name of the button that was pressed in it.
    on_select
        Called with the identifiers of the ticked rows; without it rows have no ticks.
    """

    _esm = _HERE / "row_table.js"
    _css = _HERE / "row_table.css"
    name = traitlets.Unicode().tag(sync=True)
    columns = traitlets.List(traitlets.Unicode()).tag(sync=True)
    rows: traitlets.List[dict[str, Any]] = traitlets.List().tag(sync=True)
    ticks = traitlets.Bool().tag(sync=True)
    selected = traitlets.List(traitlets.Unicode()).tag(sync=True)

    def __init__(
        self,
        name: str,
        columns: Sequence[str],
        on_act: Callable[[str, str], object] | None = None,
        on_select: Callable[[tuple[str, ...]], object] | None = None,
    ) -> None:
        super().__init__(name=name, columns=list(columns), ticks=on_select is not None)
        self._on_act, self._on_select = on_act, on_select
        self.on_msg(self._receive)

    def show(self, rows: Iterable[Row]) -> None:
        """Show rows, the first `MOST_ROWS` of them."""
        shown = [
            {"id": row.id, "cells": list(map(_cell, row.cells)), "actions": list(row.actions)}
            for row, _ in zip(rows, range(MOST_ROWS), strict=False)
        ]
        if shown != self.rows:
            self.rows = shown

    def select(self, identifiers: Iterable[str]) -> None:
        """Tick rows, without calling `on_select`."""
        self.selected = list(identifiers)

    def _receive(self, _widget: object, content: dict[str, Any], _buffers: list[Any]) -> None:
        known = {row["id"]: row for row in self.rows}
        if content.get("type") == "act" and self._on_act is not None:
            row = known.get(str(content.get("id")))
            if row is not None and content.get("action") in row["actions"]:
                self._on_act(row["id"], content["action"])
        elif content.get("type") == "select" and self._on_select is not None:
            ticked = content.get("ids")
            named = set(map(str, ticked)) if isinstance(ticked, list) else set()
            self.selected = [name for name in known if name in named]
            self._on_select(tuple(self.selected))


def _cell(cell: Cell) -> dict[str, Any]:
    if isinstance(cell, str):
        return {"text": cell}
    return {"text": cell[0], "by": cell[1]}
