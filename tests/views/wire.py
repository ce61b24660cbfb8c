"""Messages of a browser to a pane."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import Any

import pytest

from oda_widgets.views.pane import BokehPane
from tests.patience import PATIENCE

VIEW = "page"


def say(pane: BokehPane, content: dict[str, Any], *buffers: bytes) -> None:
    """Deliver a message as the kernel would, but let errors out."""
    for receive in (pane._fetch, pane._receive):
        receive(pane, content, list(buffers))


def open_view(pane: BokehPane, view: str = VIEW) -> None:
    """Open a view, so that changes are sent."""
    say(pane, {"type": "open", "view": view})


def patch(pane: BokehPane, *events: dict[str, Any], **arrays: bytes) -> None:
    """Deliver changes of the page."""
    text = json.dumps({"events": events})
    message = {"type": "patch", "view": VIEW, "patch": text, "buffers": list(arrays)}
    say(pane, message, *arrays.values())


def change(pane: BokehPane, model: Any, attr: str, new: Any) -> None:
    """Change a property on the page."""
    event = {"kind": "ModelChanged", "model": {"id": model.id}, "attr": attr, "new": new}
    patch(pane, event)


def edit_cell(pane: BokehPane, source: Any, column: str, row: int, value: Any) -> None:
    """Type into a cell of a table."""
    cells = {"type": "map", "entries": [[column, [[row, value]]]]}
    event = {"kind": "ColumnsPatched", "model": {"id": source.id}, "attr": "data", "patches": cells}
    patch(pane, event)


def happen(pane: BokehPane, name: str, **values: Any) -> None:
    """Let an event of the figure happen, for example a click or a zoom."""
    entries = [["model", {"id": pane.root.id}], *values.items()]
    event = {"type": "event", "name": name, "values": {"type": "map", "entries": entries}}
    patch(pane, {"kind": "MessageSent", "msg_type": "bokeh_event", "msg_data": event})


def in_javascript(code: str, **values: Any) -> Any:
    """Return what the body of a function, which a browser would run, returns for some values."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("no Node.js found, which runs what the browser does")
    run = "const [n, v, c] = JSON.parse(process.argv[1]);"
    run += "console.log(JSON.stringify(Function(...n, c)(...v)))"
    given = json.dumps([list(values), list(values.values()), code])
    answer = subprocess.run(
        [node, "-e", run, given], capture_output=True, text=True, check=True, timeout=PATIENCE
    )
    return json.loads(answer.stdout)
