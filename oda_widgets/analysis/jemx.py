"""Queries of JEM-X: their tasks, and the products made from their results.

The nodes have the names that DDOSA gives them: ``jemx_image`` and ``mosaic_jemx``, ``jemx_spe`` and
``spe_pick``, ``jemx_lcr`` and ``lc_pick``.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from oda_widgets.analysis.analysis import Analysis
from oda_widgets.analysis.graph import in_canonical_order
from oda_widgets.analysis.image import sky_image, tasks_of_images
from oda_widgets.analysis.jemx_image import jemx_image_task, jemx_scene_in
from oda_widgets.analysis.jemx_light_curves import jemx_light_curves_task
from oda_widgets.analysis.jemx_spectra import jemx_spectra_task
from oda_widgets.analysis.light_curve_sum import light_curve_sum_task
from oda_widgets.analysis.light_curves import check_number_of_bins
from oda_widgets.analysis.plan import Tasks
from oda_widgets.analysis.spectra import spectra_with
from oda_widgets.analysis.spectra_sum import Binning, spectra_sum_task
from oda_widgets.analysis.telescope import Telescope
from oda_widgets.archive.jemx_events import unit_of
from oda_widgets.engine.jemx_aperture import jemx_aperture
from oda_widgets.instruments.jemx.channels import channel_edges
from oda_widgets.instruments.jemx.response import nominal_response
from oda_widgets.products.by_source import BySource
from oda_widgets.products.image import SkyImage
from oda_widgets.products.observation import Observation
from oda_widgets.products.spectrum import Spectrum
from oda_widgets.provenance.payload import Payload
from oda_widgets.provenance.record import Provenance
from oda_widgets.request.queries import ImageQuery, LightCurveQuery, SpectrumQuery

_BINNING = Binning(len(channel_edges()) - 1, 0, (), "spe_pick")


def jemx_image_tasks(query: ImageQuery, analysis: Analysis) -> Tasks:
    """Return the tasks of an image query.

    Raises
    ------
    BadParameter
        If no window sees the source in question.
    """
    aperture = jemx_aperture(query.energy)
    telescope = Telescope(aperture, partial(jemx_scene_in, aperture), "mosaic_jemx")
    return tasks_of_images(query, analysis, telescope, jemx_image_task)


def jemx_sky_image(
    query: ImageQuery, result: Payload, observation: Observation, provenance: Provenance
) -> SkyImage:
    """Return the sky image with all its sources, the most significant first."""
    grid = jemx_aperture(query.energy).map_grid
    return sky_image(query, result, observation, provenance, grid)


def jemx_spectra_tasks(query: SpectrumQuery, analysis: Analysis) -> Tasks:
    """Return the tasks of a spectrum query."""
    sources = in_canonical_order(query.catalog.selected)
    parts = tuple(jemx_spectra_task(window, sources) for window in analysis.windows)
    return Tasks(parts, spectra_sum_task(analysis, parts, sources, _BINNING))


def jemx_spectra(
    query: SpectrumQuery, result: Payload, observation: Observation, provenance: Provenance
) -> BySource[Spectrum]:
    """Return the spectra of the sources that any window sees, in the order of the query."""
    response = replace(nominal_response(unit_of(query.instrument)), simulated=True)
    return spectra_with(response, query, result, observation, provenance)


def jemx_light_curve_tasks(query: LightCurveQuery, analysis: Analysis) -> Tasks:
    """Return the tasks of a light-curve query.

    Raises
    ------
    BadParameter
        If there would be too many bins.
    """
    sources = in_canonical_order(query.catalog.selected)
    check_number_of_bins(query, analysis, len(sources))
    parts = tuple(jemx_light_curves_task(query, w, sources) for w in analysis.windows)
    return Tasks(parts, light_curve_sum_task(analysis, parts, sources, query.time_bin, "lc_pick"))
