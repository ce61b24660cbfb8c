"""Which work a question means, and which product comes of it."""

from __future__ import annotations

from oda_widgets.analysis.make_image import image_work, make_image
from oda_widgets.analysis.make_light_curves import light_curve_work, make_light_curves
from oda_widgets.analysis.make_spectra import make_spectra, spectra_work
from oda_widgets.analysis.question import Opened
from oda_widgets.analysis.work import Work
from oda_widgets.products.answer import Product
from oda_widgets.protocol.links import link_parameters
from oda_widgets.provenance.record import Provenance
from oda_widgets.request.python_call import script
from oda_widgets.request.queries import ImageQuery, Query, SpectrumQuery


def work_of(query: Query, opened: Opened) -> Work:
    """Return the tasks of a question."""
    if isinstance(query, ImageQuery):
        return image_work(query, opened)
    if isinstance(query, SpectrumQuery):
        return spectra_work(query, opened)
    return light_curve_work(query, opened)


def answer(query: Query, opened: Opened) -> Product:
    """Return the product of a question, computing what the store has not."""
    work = work_of(query, opened)
    result = opened.whole(work.whole)
    archive = opened.reader.archive
    provenance = Provenance(
        nodes=opened.run.steps(work.whole.node),
        question=query.identity,
        archive=archive.name,
        code=script(query, archive.address),
        share=link_parameters(query),
    )
    if isinstance(query, ImageQuery):
        return make_image(query, opened, result, provenance)
    if isinstance(query, SpectrumQuery):
        return make_spectra(query, opened, result, provenance)
    return make_light_curves(query, opened, result, provenance)
