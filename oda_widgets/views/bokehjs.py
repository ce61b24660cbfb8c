"""BokehJS from the installed package: no CDN, and no import of Bokeh.

The browser fetches it while the kernel is still importing Bokeh itself.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import traitlets
from anywidget import AnyWidget

from oda_widgets.errors import MissingTool

_HERE = Path(__file__).parent
_SCRIPTS = ("bokeh.min.js", "bokeh-tables.min.js")

BOKEHJS_LOADER = (_HERE / "bokehjs.js").read_text(encoding="utf-8")


class BokehLoader(AnyWidget):
    """An invisible widget that loads BokehJS into the browser, once.

    Parameters
    ----------
    on_shown
        Called with the query string of the address when the widget, and so everything displayed
        with it, is drawn.
    """

    _esm = BOKEHJS_LOADER + (_HERE / "loader.js").read_text(encoding="utf-8")
    _bokeh_version = traitlets.Unicode(version("bokeh")).tag(sync=True)

    def __init__(self, on_shown: Callable[[str], object] | None = None, **options: Any) -> None:
        super().__init__(**options)
        self._on_shown = on_shown
        self.on_msg(self._fetch)

    def _fetch(self, _widget: object, content: dict[str, Any], _buffers: list[Any]) -> None:
        if content.get("type") == "bokehjs":
            self.send({"type": "bokehjs"}, bokehjs_scripts())
        elif content.get("type") == "shown" and self._on_shown is not None:
            self._on_shown(str(content.get("link", "")))


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
