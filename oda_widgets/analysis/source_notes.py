"""Notes on the sources of a product: those left out, and those fitted as one with others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from oda_widgets.analysis.analysis import Analysis, aperture_of
from oda_widgets.analysis.blends import blended_with
from oda_widgets.analysis.exposure import WindowAccount
from oda_widgets.analysis.field_of_view import coding_of, pointing_of
from oda_widgets.analysis.window_image import sources_of
from oda_widgets.arrays import Floats
from oda_widgets.engine.coding import LEAST_CODING
from oda_widgets.provenance.payload import Payload
from oda_widgets.request.catalog import SAME_PLACE
from oda_widgets.request.catalog_source import CatalogSource
from oda_widgets.request.queries import ImageQuery, Query
from oda_widgets.request.science_windows import ScienceWindow
from oda_widgets.request.words import counted

_LEAST = 60 * SAME_PLACE  # arcmin


@dataclass(frozen=True)
class SourceNotes:
    """Notes on the sources of a result: those left out, and those fitted as one.

    Parameters
    ----------
    asked
        The sources that it names.
    coding
        Their coding fractions, shape (n_sources, n_windows).
    as_one
        Notes on those that are fitted as one with others.
    """

    query: Query
    asked: tuple[CatalogSource, ...]
    coding: Floats
    as_one: tuple[str, ...]

    @classmethod
    def of(
        cls, analysis: Analysis, result: Payload, accounts: Sequence[WindowAccount]
    ) -> SourceNotes:
        """Return the notes on a result; `accounts` are those of its science windows."""
        asked = tuple(_asked(analysis))
        coding = _coding(analysis.query, asked, [account.window for account in accounts])
        return cls(analysis.query, asked, coding, tuple(_fitted_as_one(analysis, result)))

    def note(self) -> str:
        """Return all notes as one text, for a header; empty if there are none."""
        out = (text for pair in self._each() for text in _left_out(*pair))
        return " ".join([*out, *_left_out_of_some(self.asked, self.coding), *self.as_one])

    def warnings(self) -> Iterator[str]:
        """Iterate over the notes that become warnings.

        The catalogue of an image may have many sources that are far away; only its target is
        expected to be seen.
        """
        for source, coding in self._each():
            if coding.max() > 0 or not self._may_be_far(source):
                yield from _left_out(source, coding)
        yield from self.as_one

    def _may_be_far(self, source: CatalogSource) -> bool:
        return isinstance(self.query, ImageQuery) and not _is_target(source, self.query)

    def _each(self) -> Iterator[tuple[CatalogSource, Floats]]:
        return zip(self.asked, self.coding, strict=True)


def _is_target(source: CatalogSource, query: ImageQuery) -> bool:
    return query.source is not None and query.source.name == source.name


def _fitted_as_one(analysis: Analysis, result: Payload) -> Iterator[str]:
    """Iterate over notes on the sources whose flux includes that of others."""
    yield from _one_place(analysis, _asked(analysis))
    for name, others in blended_with(_measured(analysis, result)).items():
        yield (
            f"The flux of {name} includes that of {' and '.join(others)}: within {_LEAST:g}"
            " arcmin sources cannot be separated, and are fitted as one."
        )


def _asked(analysis: Analysis) -> list[CatalogSource]:
    """Return the sources that a query names."""
    query = analysis.query
    asked = list(query.catalog.selected)
    target = query.source if isinstance(query, ImageQuery) else None
    if target is not None and target.name not in query.catalog.selected.names:
        asked.append(CatalogSource(target.name, target.ra, target.dec))
    return asked


def _measured(analysis: Analysis, result: Payload) -> list[CatalogSource]:
    """Return the sources of a result; for an image, those that it lists."""
    if isinstance(analysis.query, ImageQuery):
        return [source for source in sources_of(result.facts) if analysis.query.lists(source)]
    return [s for s in analysis.query.catalog.selected if s.name in result.facts["seen"]]


def _coding(
    query: Query, sources: Sequence[CatalogSource], windows: Sequence[ScienceWindow]
) -> Floats:
    """Return the coding fractions of sources, shape (n_sources, n_windows)."""
    aperture = aperture_of(query)
    return np.array([coding_of(pointing_of(window), sources, aperture) for window in windows]).T


def _left_out(source: CatalogSource, coding: Floats) -> Iterator[str]:
    highest = coding.max()
    if highest == 0:
        yield (
            f"{source.name} is left out: no science window has it in its field of view (coding"
            f" fraction 0; {LEAST_CODING:g} is needed)."
        )
    elif highest < LEAST_CODING:
        yield (
            f"{source.name} is left out: it is at the rim of the field of view, with a coding"
            f" fraction of {highest:.3f}, below {LEAST_CODING:g}."
        )


def _left_out_of_some(asked: Sequence[CatalogSource], coding: Floats) -> Iterator[str]:
    """Iterate over at most one note, on sources that some windows have only at the edge."""
    at_rim = np.count_nonzero((coding > 0) & (coding < LEAST_CODING), axis=1)
    measured = coding.max(axis=1, initial=0) >= LEAST_CODING
    found = [
        f"{source.name} ({counted(int(rim), 'science window')})"
        for source, rim, elsewhere in zip(asked, at_rim, measured, strict=True)
        if rim and elsewhere
    ]
    if found:
        yield f"Left out where its coding fraction is below {LEAST_CODING:g}: {', '.join(found)}."


def _one_place(analysis: Analysis, asked: Sequence[CatalogSource]) -> Iterator[str]:
    """Iterate over notes on a target at the position of a source of the catalogue."""
    query = analysis.query
    if not isinstance(query, ImageQuery) or query.source is None:
        return
    *others, target = asked
    if target.name != query.source.name:
        return
    for other in others:
        if other.separation(target) < SAME_PLACE:
            names = (target.name, other.name) if other.new else (other.name, target.name)
            yield (
                f"{names[1]} is fitted as {names[0]}, {60 * other.separation(target):.1f} arcmin"
                f" away: within {_LEAST:g} arcmin sources cannot be separated."
            )
