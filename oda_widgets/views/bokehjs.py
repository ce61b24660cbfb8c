"""BokehJS from the installed package: no CDN, and no import of Bokeh.

The browser fetches it while the kernel is still importing Bokeh itself.
"""

from __future__ import annotations

from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import traitlets
from anywidget import AnyWidget

from oda_widgets.errors import MissingTool

_HERE = Path(__file__).parent
_SCRIPTS = ("bokeh.min.js", "bokeh-tables.min.js")

BOKEHJS_LOADER = "".join(
    (_HERE / name).read_text(encoding="utf-8")
    for name in ("connection.js", "bokehjs.js", "accessible.js")
)


class BokehLoader(AnyWidget):
    """A widget that loads BokehJS into the browser, once."""

    _bokeh_version = traitlets.Unicode(version("bokeh")).tag(sync=True)

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.on_msg(self._fetch)

    def _fetch(self, _widget: object, content: dict[str, Any], _buffers: list[Any]) -> None:
        if content.get("type") == "bokehjs":
            self.send({"type": "bokehjs"}, bokehjs_scripts())


def bokehjs_scripts() -> list[bytes]:
    """Return the scripts of the installed Bokeh, in the order in which they must run.

    Raises
    ------
    MissingTool
        If Bokeh is not installed.
    """
    found = find_spec("bokeh")
    if found is None or found.origin is None:
        raise MissingTool("Bokeh is not installed.", "Install it: pip install bokeh.")
    folder = Path(found.origin).parent / "server" / "static" / "js"
    return [(folder / name).read_bytes() for name in _SCRIPTS]
