"""Where the parts of the page stand: header, form and results."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ipywidgets import HTML, HBox, VBox

from oda_widgets.panels.card import quiet
from oda_widgets.panels.form import Form
from oda_widgets.panels.session_bar import SessionBar

if TYPE_CHECKING:
    from oda_widgets.backend.site import Site


def columns(left: Form, right: VBox) -> HBox:
    """Return the form on the left and the results on the right."""
    body = HBox([left, right])
    body.add_class("oda-body")
    return body


def header(site: Site, running: HBox, bar: SessionBar) -> HBox:
    """Return the name of the page and of its site, the progress, and the buttons of the session."""
    name = HTML("<h1>INTEGRAL workbench</h1>")
    name.add_class("oda-title")
    line = HBox([name, quiet(site.name), running, bar])
    line.add_class("oda-header")
    return line


def placeholder() -> HTML:
    """Return the text that is shown until there are results."""
    text = quiet("Preparing the first light curve…")
    text.add_class("oda-empty")
    return text
