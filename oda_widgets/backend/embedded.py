"""The embedded backend: our own coded-mask engine over an archive."""

from __future__ import annotations

from threadpoolctl import threadpool_limits

from oda_widgets.archive.base import Archive
from oda_widgets.archive.select import select
from oda_widgets.backend.base import Monitor, Product
from oda_widgets.backend.make_image import make_image
from oda_widgets.backend.make_light_curves import make_light_curves
from oda_widgets.backend.make_spectra import make_spectra
from oda_widgets.backend.windows import Opened, WindowReader
from oda_widgets.request.queries import ImageQuery, Query, SpectrumQuery
from oda_widgets.request.science_windows import ScienceWindowList
from oda_widgets.request.source import Source


class EmbeddedBackend:
    """Answers with the engine of this package.

    Parameters
    ----------
    archive
        Where the events come from.
    """

    def __init__(self, archive: Archive) -> None:
        self._reader = WindowReader(archive)

    @property
    def name(self) -> str:
        """What to call it in a sentence."""
        return self._reader.archive.name

    def science_windows(
        self,
        position: Source | None,
        radius: float,
        start: float | None,
        stop: float | None,
        limit: int | None,
        seed: int,
    ) -> ScienceWindowList:
        """Return the science windows that satisfy all conditions."""
        return select(
            self._reader.archive.science_windows(),
            position=position,
            radius=radius,
            start=start,
            stop=stop,
            limit=limit,
            seed=seed,
            answered_by=self.name,
        )

    def run(self, query: Query, monitor: Monitor) -> Product:
        """Answer a question."""
        # Our matrices are small: several BLAS threads wait for each other more than they work.
        with threadpool_limits(limits=1, user_api="blas"):
            return _answer(query, Opened(query, self._reader, monitor))


def _answer(query: Query, opened: Opened) -> Product:
    if isinstance(query, ImageQuery):
        return make_image(query, opened)
    if isinstance(query, SpectrumQuery):
        return make_spectra(query, opened)
    return make_light_curves(query, opened)
