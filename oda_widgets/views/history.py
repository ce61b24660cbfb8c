"""How a product came to be: the graph of its history (figure 3 of Neronov et al. 2021)."""

from __future__ import annotations

from html import escape

from bokeh.models import ColumnDataSource
from ipywidgets import HTML, HBox, VBox

from oda_widgets.provenance.record import Provenance
from oda_widgets.views.copy import CopyButton
from oda_widgets.views.download import DownloadButton
from oda_widgets.views.history_details import HistoryDetails
from oda_widgets.views.history_figure import STATE_COLOURS, history_figure
from oda_widgets.views.history_graph import Graph, duration, history_graph, window_names
from oda_widgets.views.pane import BokehPane
from oda_widgets.views.silence import Silence


class HistoryView(VBox):  # type: ignore[misc]  # ipywidgets publishes no types
    """The provenance graph of a product; a tapped box says what it stands for.

    Parameters
    ----------
    provenance
        What to show.
    title
        What the product is, in a few words.
    """

    def __init__(self, provenance: Provenance, title: str = "") -> None:
        self.provenance = provenance
        self.graph = history_graph(provenance.nodes)
        self._silence = Silence()
        self._boxes = ColumnDataSource()
        self.figure = history_figure(self.graph, self._boxes)
        self._boxes.selected.on_change("indices", lambda _attr, _old, new: self._tapped(new))
        self.pane = BokehPane(self.figure)
        names = {step.id: step.name for step in provenance.nodes}
        self.details = HistoryDetails(names, window_names(provenance.nodes), self.show)
        super().__init__([self._heading(title), self._doors(), self.pane, self.details])
        self.add_class("oda-history-view")
        self.show(provenance.id)

    def show(self, step_id: str) -> None:
        """Show a step, by its id or the beginning of it, as a tap on its box does."""
        step = self.provenance[step_id]
        place = next(p for p, stack in enumerate(self.graph) if step in stack.steps)
        with self._silence:
            self._boxes.selected.indices = [place]
        self.details.show(self.graph[place], step.id)

    def _tapped(self, indices: list[int]) -> None:
        if indices and not self._silence:
            self.details.show(self.graph[indices[0]])

    def _heading(self, title: str) -> HTML:
        steps = "1 step" if len(self.provenance.nodes) == 1 else f"{len(self.provenance.nodes)} steps"
        took = f"{duration(self.provenance.seconds)} of work"
        simulated = ' <b class="oda-simulated">SIMULATED</b>' if self.provenance.simulated else ""
        name = f"<b>{escape(title)}</b>{simulated} · " if title else f"{simulated} "
        legend = _legend(self.graph)
        return HTML(f"<div class='oda-history-heading'>{name}{steps}, {took}{legend}</div>")

    def _doors(self) -> HBox:
        """Return what takes the history elsewhere: one click each."""
        record, name = self.provenance, f"history_{self.provenance.id[:8]}"
        doors = HBox(
            [
                CopyButton(record.script(), "Copy Python"),
                CopyButton(record.citation(), "Copy citation"),
                DownloadButton(f"{name}.json", lambda: record.prov_json().encode(), "PROV-JSON"),
                DownloadButton(f"{name}.pdf", lambda: self._picture("pdf"), "Figure (PDF)"),
                DownloadButton(f"{name}.svg", lambda: self._picture("svg"), "Figure (SVG)"),
            ]
        )
        doors.add_class("oda-controls")
        return doors

    def _picture(self, picture_format: str) -> bytes:
        from oda_widgets.views.paper import render  # noqa: PLC0415 - imports matplotlib

        return render(self.provenance, picture_format)


def _legend(graph: Graph) -> str:
    present = {state for stack in graph for state in stack.states}
    return "".join(
        f'<span class="oda-key"><i style="background:{colour}"></i>{state}</span>'
        for state, colour in STATE_COLOURS.items()
        if state in present
    )
