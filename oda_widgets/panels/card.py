"""The frame around each panel."""

from __future__ import annotations

from html import escape
from typing import Any

from ipywidgets import HTML, Button, HBox, VBox


def card(title: str, *children: Any) -> VBox:
    """Return widgets under a title, in a frame."""
    heading = HTML(f"<h2>{escape(title)}</h2>")
    heading.add_class("oda-card-title")
    box = VBox([heading, *children])
    box.add_class("oda-card")
    return box


def row(*children: Any) -> HBox:
    """Return widgets side by side, wrapping where there is no room."""
    box = HBox(list(children))
    box.add_class("oda-row")
    return box


def quiet(text: str = "") -> HTML:
    """Return a line of secondary text."""
    line = HTML(escape(text))
    line.add_class("oda-quiet")
    return line


def button(text: str, tooltip: str, *classes: str) -> Button:
    """Return a button in our style."""
    made = Button(description=text, tooltip=tooltip)
    for name in ("oda-button", *classes):
        made.add_class(name)
    return made


def labelled(name: str, control: Any) -> VBox:
    """Return a control with its name above it."""
    label = quiet(name)
    label.add_class("oda-label")
    box = VBox([label, control])
    box.add_class("oda-field")
    return box
