"""Drawings that outlive their kernel: the figures of a view as JSON, and back."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from bokeh.core.json_encoder import serialize_json
from bokeh.document import Document
from bokeh.events import RangesUpdate
from bokeh.models import Plot
from ipywidgets import VBox

from oda_widgets.abilities import abilities
from oda_widgets.views.pane import BokehPane
from oda_widgets.views.sky.followed import FollowedSky


@dataclass(frozen=True)
class Drawing:
    """The figures of a view, without its controls.

    Parameters
    ----------
    documents
        Bokeh's, one for each figure.
    """

    documents: tuple[dict[str, Any], ...]

    @classmethod
    def of(cls, product: Any, **options: Any) -> Drawing:
        """Return the figures that show a product or a fit, with options of its view."""
        view = view_of(product, **options)
        documents = (pane.document.to_json(deferred=False) for pane in _panes(view))
        return cls(tuple(json.loads(serialize_json(document)) for document in documents))

    def plot(self) -> VBox:
        """Return figures that can be moved and zoomed, but do not know their data."""
        return VBox([_pane(document) for document in self.documents])


def view_of(shown: Any, **options: Any) -> Any:
    """Return the widget that shows a product, a fit or a drawing."""
    if isinstance(shown, Drawing):
        return shown.plot()
    return abilities().plot(shown, **options)


def _pane(content: dict[str, Any]) -> BokehPane:
    document = Document.from_json(_with_new_names(content))
    [root] = document.roots
    document.remove_root(root)
    pane: BokehPane
    # Bokeh sends only events registered before a figure joins its document.
    for plot in root.select({"type": Plot}):
        sky = FollowedSky.of(plot)
        if sky is not None:
            plot.on_event(RangesUpdate, lambda _event, sky=sky: _arrange(pane, sky))
    pane = BokehPane(root)
    return pane


def _arrange(pane: BokehPane, sky: FollowedSky) -> None:
    with pane.rebuilt():
        sky.arrange()


def _with_new_names(content: dict[str, Any]) -> dict[str, Any]:
    """Return a document whose models have names that no other on the page has."""
    token = uuid4().hex[:12]
    text = re.sub(r'"id": "p(\d+)"', rf'"id": "{token}-\1"', json.dumps(content))
    renamed: dict[str, Any] = json.loads(text)
    return renamed


def _panes(view: Any) -> Iterator[BokehPane]:
    if isinstance(view, BokehPane):
        yield view
    for child in getattr(view, "children", ()):
        yield from _panes(child)
