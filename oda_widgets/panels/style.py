"""The style sheets of the panels, for whichever widget is shown first."""

from __future__ import annotations

from pathlib import Path

from ipywidgets import HTML

_PACKAGE = Path(__file__).parents[1]
_STYLES = (_PACKAGE / "views" / "pane.css", _PACKAGE / "panels" / "workbench.css")
STYLED = "oda-workbench"  # the class that the style sheets refer to


def style() -> HTML:
    """Return an invisible widget that brings the sheets of style."""
    sheets = "\n".join(path.read_text(encoding="utf-8") for path in _STYLES)
    widget = HTML(f"<style>{sheets}</style>")
    widget.layout.display = "none"
    return widget
