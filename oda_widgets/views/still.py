"""Values in a notebook without a kernel: a small picture, or a table.

A saved notebook shows it wherever it is opened. The picture has a white background and the
tables take the colours of the page, so that both are readable in a light and in a dark theme.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Sequence
from functools import singledispatch
from html import escape
from io import BytesIO
from itertools import islice
from math import isfinite
from typing import Any

from oda_widgets.fitting.chains.chain import Chain
from oda_widgets.fitting.errors.contour import Contour
from oda_widgets.fitting.result import Fit
from oda_widgets.fitting.trend import Trend
from oda_widgets.products.all_sky import AllSky
from oda_widgets.products.burst import Burst
from oda_widgets.products.by_source import BySource
from oda_widgets.products.image import SkyImage
from oda_widgets.products.light_curve import LightCurve
from oda_widgets.products.spectrum import Spectrum
from oda_widgets.provenance.record import Provenance
from oda_widgets.request.catalog import SourceCatalog
from oda_widgets.request.queries import ImageQuery, LightCurveQuery, SpectrumQuery
from oda_widgets.request.science_windows import ScienceWindowList
from oda_widgets.request.timespan import isot_utc

Still = dict[str, str]  # MIME type -> content, pictures in base64

_MOST_ROWS = 20
_DOTS_PER_INCH = 130


@singledispatch
def still(value: Any) -> Still:
    """Return a small picture or a table of a value by its MIME type; empty for other values."""
    del value
    return {}


@still.register
def _(
    product: SkyImage | Spectrum | LightCurve | Burst | AllSky | Fit | Chain | Contour | Trend,
) -> Still:
    return {"image/png": b64encode(_picture(product)).decode()}


@still.register
def _(catalog: SourceCatalog) -> Still:
    heads = ("source", "RA (deg)", "Dec (deg)", "significance", "counts/s", "error", "")
    rows = (
        (
            source.name,
            f"{source.ra:.4f}",
            f"{source.dec:+.4f}",
            _number(source.significance, 1),
            _number(source.flux, 2),
            _number(source.flux_error, 2),
            _notes(new=source.new, not_selected=not source.selected),
        )
        for source in catalog
    )
    return _table(_heading(catalog), heads, rows, len(catalog))


@still.register
def _(windows: ScienceWindowList) -> Still:
    heads = ("science window", "start (UTC)", "RA (deg)", "Dec (deg)", "good time (s)", "")
    rows = (
        (
            window.id,
            isot_utc(window.start, 0),
            f"{window.ra:.3f}",
            f"{window.dec:+.3f}",
            f"{window.good_time:,.0f}",
            _notes(simulated=window.simulated),
        )
        for window in windows
    )
    return _table(_heading(windows), heads, rows, len(windows))


@still.register
def _(products: BySource) -> Still:  # type: ignore[type-arg]  # of any kind of product
    heads = ("source", "counts/s", "error", "science windows", "")
    rows = (
        (
            product.name,
            *(_number(number, 2) for number in product.shown_rate),
            f"{len(product.observation.science_windows)}",
            _notes(simulated=product.observation.simulated),
        )
        for product in products.values()
    )
    return _table(_heading(products), heads, rows, len(products))


@still.register
def _(query: ImageQuery | SpectrumQuery | LightCurveQuery) -> Still:
    lines = repr(query).splitlines()
    rows = [line.strip().split(": ", 1) for line in lines[1:]]
    return _table(lines[0], (), rows, len(rows))


@still.register
def _(provenance: Provenance) -> Still:
    heads = ("step", "number", "from the store", "seconds")
    names = dict.fromkeys(step.name for step in provenance.nodes)
    rows = []
    for name in names:
        steps = [step for step in provenance.nodes if step.name == name]
        seconds = sum(step.seconds or 0.0 for step in steps)
        stored = sum(step.from_store for step in steps)
        rows.append((name, f"{len(steps)}", f"{stored}", f"{seconds:.1f}"))
    return _table(_heading(provenance), heads, rows, len(rows))


def _picture(product: Any) -> bytes:
    """Return the figure of a product as a PNG of a few tens of kB."""
    from oda_widgets.views.paper.publish import render  # noqa: PLC0415 - imports matplotlib

    return in_few_colours(render(product, "png", dpi=_DOTS_PER_INCH))


def in_few_colours(picture: bytes) -> bytes:
    """Return a PNG with 256 colours chosen from its own, which are enough for any figure."""
    from PIL import Image  # noqa: PLC0415 - heavy import

    small = BytesIO()
    # Other methods of Pillow leave a grey map with sixteen shades.
    colours = Image.open(BytesIO(picture)).convert("RGB").quantize(method=Image.Quantize.MEDIANCUT)
    colours.save(small, "png", optimize=True)
    return small.getvalue()


def _heading(value: Any) -> str:
    return repr(value).splitlines()[0]


def _table(caption: str, heads: Sequence[str], rows: Iterable[Sequence[str]], number: int) -> Still:
    """Return a table of text, every word of it escaped, with the number of rows left out."""
    head = f"<thead><tr>{_cells('th', heads)}</tr></thead>" if heads else ""
    body = "".join(f"<tr>{_cells('td', row)}</tr>" for row in islice(rows, _MOST_ROWS))
    more = f"<p>and {number - _MOST_ROWS} more</p>" if number > _MOST_ROWS else ""
    html = f"<p><b>{escape(caption)}</b></p><table>{head}<tbody>{body}</tbody></table>{more}"
    return {"text/html": f"<div>{html}</div>"}


def _cells(tag: str, texts: Iterable[str]) -> str:
    return "".join(f'<{tag} style="text-align: left">{escape(text)}</{tag}>' for text in texts)


def _number(value: float, decimals: int) -> str:
    return f"{value:,.{decimals}f}" if isfinite(value) else "–"


def _notes(**notes: bool) -> str:
    return ", ".join(name.replace("_", " ") for name, holds in notes.items() if holds)
