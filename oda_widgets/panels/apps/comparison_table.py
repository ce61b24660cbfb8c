"""The table of an app's numbers: here, truth, published, and the differences."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from math import isfinite

from ipywidgets import HTML

from oda_widgets.fitting.errors.profile import ONE_SIGMA
from oda_widgets.panels.apps.estimate import Estimate
from oda_widgets.panels.apps.published import LIMIT, Comparison, Reference

_HEADS = ("", "here", "truth of the simulation", "σ from it", "published", "σ from it")


def comparison_table(rows: Sequence[Comparison]) -> HTML:
    """Return the table as a widget; it takes no room without rows."""
    columns = [True, True, *_filled(rows)]
    heads = [head for head, shown in zip(_HEADS, columns, strict=True) if shown]
    head = "".join(f"<th scope='col'>{escape(one)}</th>" for one in heads)
    body = "".join(_row(row, columns) for row in rows)
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    widget = HTML(table + _sources(rows) if rows else "")
    widget.add_class("oda-comparison")
    return widget


def sigmas(deviation: float) -> str:
    """Return a deviation in words; a dash for none."""
    return f"{deviation:+.1f}".replace("-", "−") if isfinite(deviation) else "–"


def number(estimate: Estimate) -> str:
    """Return a number with its errors; a dash for none."""
    return str(estimate) if isfinite(estimate.value) else "–"


def published_number(known: Reference) -> str:
    """Return the published number, with the confidence of its interval if that is not 68 %."""
    usual = known.level == ONE_SIGMA or not isfinite(known.published.minus)
    return number(known.published) + ("" if usual else f" ({100 * known.level:g} %)")


def _filled(rows: Sequence[Comparison]) -> list[bool]:
    """Return which of the columns for truth and published numbers hold anything."""
    truth = any(isfinite(row.reference.truth) for row in rows)
    published = any(isfinite(row.reference.published.value) for row in rows)
    return [truth, truth, published, published]


def _row(row: Comparison, columns: Sequence[bool]) -> str:
    known = row.reference
    unit = f" <small>{escape(known.unit)}</small>" if known.unit else ""
    cells = (
        number(row.ours),
        number(Estimate(known.truth)),
        _judged(row.from_truth, counts=isfinite(known.truth)),
        published_number(known),
        _judged(row.from_published, counts=not isfinite(known.truth)),
    )
    shown = (cell for cell, there in zip(cells, columns[1:], strict=True) if there)
    texts = "".join(f"<td>{cell}</td>" for cell in shown)
    return f"<tr><th scope='row'>{escape(known.words or known.quantity)}{unit}</th>{texts}</tr>"


def _judged(deviation: float, *, counts: bool) -> str:
    """Return a deviation, marked if it counts and is too large."""
    text = sigmas(deviation)
    return f"<mark>{text} missed</mark>" if counts and abs(deviation) > LIMIT else text


def _sources(rows: Sequence[Comparison]) -> str:
    sources = dict.fromkeys(row.reference.source for row in rows if row.reference.source)
    notes = dict.fromkeys(row.reference.note for row in rows if row.reference.note)
    published = f"<p>Published: {escape('; '.join(sources))}</p>" if sources else ""
    return published + "".join(f"<p>{escape(note)}</p>" for note in notes)
