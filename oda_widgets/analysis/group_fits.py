"""The fits of one science window in the groups of a band, as the node ``ISGRIGroupFits``.

They are stored as sums over the events in bins of one second. Light curves with bins of whole
seconds are sums of these: only the first one needs the events and the fits.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from oda_widgets.analysis.exposure import WindowAccount, selected_events
from oda_widgets.analysis.field_of_view import at_fixed_positions, pointing_of
from oda_widgets.analysis.graph import catalog_node, interval_parameter
from oda_widgets.analysis.pixel_template import PixelTemplate, group_template
from oda_widgets.analysis.window_counts import counts_in, counts_task
from oda_widgets.engine.extract import RateNoise
from oda_widgets.engine.light_curves import GroupSums, WindowSums, window_sums
from oda_widgets.engine.pixel_health import pixel_health
from oda_widgets.provenance.code_version import code_version
from oda_widgets.provenance.node import Node, Task
from oda_widgets.provenance.payload import Array, Payload
from oda_widgets.request.catalog_source import CatalogSource
from oda_widgets.request.energy import EnergyBand

if TYPE_CHECKING:
    from oda_widgets.analysis.analysis import Analysis, QueryWindow
    from oda_widgets.analysis.session import Session

Sources = tuple[CatalogSource, ...]

GROUP_FITS = "ISGRIGroupFits"
"""Name of the step."""


def group_fits_task(
    analysis: Analysis, window: QueryWindow, energy: EnergyBand, step: float, sources: Sources
) -> Task:
    """Return the task to fit sources in the groups of a band.

    Parameters
    ----------
    analysis, window
        The query and one of its windows.
    step
        Length of the short bins, seconds.
    sources
        Sources that are fitted together.
    """
    template = group_template(analysis, window)
    parameters = {
        "energy": [energy.low, energy.high],
        "step": step,
        "intervals": interval_parameter(window.restriction),
    }
    counts = counts_task(analysis, window.science_window)
    inputs = window.events, counts.node, catalog_node("CatForLC", sources)
    node = Node(GROUP_FITS, code_version(__name__), parameters, inputs, template.nodes)
    compute = partial(_fitted, window, energy, step, counts, sources, template)
    return Task(node, compute, (counts,), template.tasks)


def _fitted(
    window: QueryWindow,
    energy: EnergyBand,
    step: float,
    counts: Task,
    sources: Sources,
    template: PixelTemplate,
    session: Session,
) -> Payload:
    """Return the sums over the events of one window."""
    known = counts_in(session.result(counts))
    events, intervals = selected_events(window, session, known)
    health = pixel_health(known if events.living is None else events)
    sums = window_sums(
        events,
        energy,
        step,
        intervals,
        at_fixed_positions(pointing_of(events.window), sources),
        lambda name: session.report(name, window, 0.5),
        partial(template.sums, session),
        health,
    )
    facts: dict[str, Any] = {
        "accounts": [WindowAccount.of(events, intervals, energy, health).facts()],
        "step": sums.step,
        "live_fraction": sums.live_fraction,
        "mean_backgrounds": [group.noise.mean_background for group in sums.groups],
    }
    arrays: dict[str, Array] = {"common": sums.common}
    for number, group in enumerate(sums.groups):
        arrays[f"added_{number}"] = group.added
        arrays[f"noise_of_background_{number}"] = group.noise.noise_of_background
        arrays[f"noise_of_sources_{number}"] = group.noise.noise_of_sources
    return Payload(facts, arrays)


def sums_in(result: Payload) -> WindowSums:
    """Return the sums in a result."""
    facts, arrays = result.facts, result.arrays
    groups = tuple(
        GroupSums(
            arrays[f"added_{number}"],
            RateNoise(
                arrays[f"noise_of_background_{number}"],
                arrays[f"noise_of_sources_{number}"],
                mean,
            ),
        )
        for number, mean in enumerate(facts["mean_backgrounds"])
    )
    return WindowSums(facts["step"], facts["live_fraction"], groups, arrays["common"])
