"""The provenance graph of a product, or of a planned query.

Figure 3 of Neronov et al. (2021, A&A 651, A97) is such a graph.
"""

from __future__ import annotations

from html import escape

from bokeh.models import ColumnDataSource
from ipywidgets import HTML, HBox, VBox

from oda_widgets.abilities import abilities
from oda_widgets.analysis.plan import Plan
from oda_widgets.provenance.record import Provenance
from oda_widgets.views.copy import CopyButton
from oda_widgets.views.download import DownloadButton
from oda_widgets.views.history.details import HistoryDetails
from oda_widgets.views.history.figure import STATE_COLOURS, history_figure
from oda_widgets.views.history.graph import Graph, duration, history_graph, window_names
from oda_widgets.views.muted import Muted
from oda_widgets.views.pane import BokehPane
from oda_widgets.views.without_kernel import Pictured


class HistoryView(Pictured, VBox):  # type: ignore[misc]  # ipywidgets publishes no types
    """The provenance graph of a product; click a box for its details.

    Parameters
    ----------
    history
        History to show: the `Provenance` of a product, or the `Plan` of a query.
    title
        Name of the product, a few words.
    """

    def __init__(self, history: Provenance | Plan, title: str = "") -> None:
        self._pictured = history
        self.history = history
        planned = history if isinstance(history, Plan) else None
        self.graph = history_graph(history.nodes, planned.to_do if planned else ())
        self._muted = Muted()
        self._boxes = ColumnDataSource()
        self.figure = history_figure(self.graph, self._boxes)
        self._boxes.selected.on_change("indices", lambda _attr, _old, new: self._clicked(new))
        self.pane = BokehPane(self.figure)
        names = {step.id: step.name for step in history.nodes}
        self.details = HistoryDetails(names, window_names(history.nodes), self.show)
        heading = _heading(title, history, self.graph)
        exports = [] if isinstance(history, Plan) else [_exports(history)]
        super().__init__([heading, *exports, self.pane, self.details])
        self.add_class("oda-history-view")
        self.show(history.nodes[-1].id)

    def show(self, step_id: str) -> None:
        """Show a step, by its id or the beginning of it, as a click on its box does."""
        step = next(step for step in self.history.nodes if step.id.startswith(step_id))
        place = next(p for p, stack in enumerate(self.graph) if step in stack.steps)
        with self._muted:
            self._boxes.selected.indices = [place]
        self.details.show(self.graph[place], step.id)

    def _clicked(self, indices: list[int]) -> None:
        if indices and not self._muted:
            self.details.show(self.graph[indices[0]])


def _heading(title: str, history: Provenance | Plan, graph: Graph) -> HTML:
    simulated = any(step.parameters.get("simulated", False) for step in history.nodes)
    label = '<b class="oda-simulated">SIMULATED</b>' if simulated else ""
    name = f"<b>{escape(title)}</b>" if title else ""
    what = " · ".join(
        part for part in (f"{name} {label}".strip(), escape(_steps_and_time(history))) if part
    )
    parts = (f"<span>{what}</span>", _legend(graph))
    return HTML(f'<div class="oda-history-heading">{" ".join(parts)}</div>')


def _steps_and_time(history: Provenance | Plan) -> str:
    """Return the number of steps and their computing time."""
    if isinstance(history, Plan):
        return str(history)
    steps = "1 step" if len(history.nodes) == 1 else f"{len(history.nodes)} steps"
    return f"{steps}, {duration(history.seconds)} of computing"


def _exports(record: Provenance) -> HBox:
    """Return the buttons that copy or save a history."""
    name = f"history_{record.id[:8]}"
    picture = abilities().picture
    exports = HBox(
        [
            CopyButton(record.script(), "Copy Python"),
            CopyButton(record.citation(), "Copy citation"),
            DownloadButton(f"{name}.json", lambda: record.prov_json().encode(), "PROV-JSON"),
            DownloadButton(f"{name}.pdf", lambda: picture(record, "pdf"), "Figure (PDF)"),
            DownloadButton(f"{name}.svg", lambda: picture(record, "svg"), "Figure (SVG)"),
        ]
    )
    exports.add_class("oda-controls")
    return exports


def _legend(graph: Graph) -> str:
    present = {state for stack in graph for state in stack.states}
    return "".join(
        f'<span class="oda-key"><i style="background:{colour}"></i>{state}</span>'
        for state, colour in STATE_COLOURS.items()
        if state in present
    )
