"""An open fit as names and texts, and back: model, ranges, table, and what was measured."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from oda_widgets.panels.fit_parameters import RowValues
from oda_widgets.request.numbers import finite_number
from oda_widgets.views.kept import Kept, kept_values, set_values

if TYPE_CHECKING:
    from oda_widgets.panels.fit_panel import FitPanel

_NUMBERS = ("value", "low", "high")
_MOST_MEASURED = 20


def read_fit(panel: FitPanel) -> dict[str, str]:
    """Return the contents of an open fit as texts."""
    kept = kept_values(_controls(panel) | panel.measures.controls)
    for name, row in panel.table.contents.items():
        numbers = {part: repr(getattr(row, part)) for part in _NUMBERS}
        texts = numbers | {"free": str(row.free), "link": row.link}
        kept |= {f"{part}:{name}": text for part, text in texts.items()}
    measured = enumerate(panel.measures.done[-_MOST_MEASURED:])
    kept |= {f"measured:{number}": "\n".join(words) for number, words in measured}
    if panel.view is not None:
        kept |= {f"view:{name}": text for name, text in panel.view.kept.items()}
    return kept


def draw_fit(panel: FitPanel, kept: Kept) -> None:
    """Fit as a session kept it: from the values, limits and links of its table.

    Raises
    ------
    OdaError
        If the model cannot be fitted with these choices.
    """
    with panel.muted:
        set_values(_controls(panel), kept)
    rows = kept_rows(kept)
    panel.run_from(rows)
    panel.table.move({name: row.value for name, row in rows.items()})
    set_values(panel.measures.controls, kept)
    if panel.view is not None:
        panel.view.restore(_part(kept, "view"))
    measured = [text.split("\n") for text in _part(kept, "measured").values()]
    if measured:
        panel.in_background(lambda: panel.measure_again(measured[:_MOST_MEASURED]))


def kept_rows(kept: Kept) -> dict[str, RowValues]:
    """Return the rows of the table that a session kept.

    Raises
    ------
    BadParameter
        If a text is not a number.
    """
    links, free = _part(kept, "link"), _part(kept, "free")
    rows = {}
    for name, text in _part(kept, "value").items():
        texts = (text, kept.get(f"low:{name}", ""), kept.get(f"high:{name}", ""))
        value, low, high = (finite_number(name, part) for part in texts)
        rows[name] = RowValues(value, low, high, free.get(name) == "True", links.get(name, ""))
    return rows


def _part(kept: Kept, what: str) -> dict[str, str]:
    """Return the texts whose names begin with a kind and a colon, by the rest of the names."""
    start = f"{what}:"
    return {name.removeprefix(start): text for name, text in kept.items() if name.startswith(start)}


def _controls(panel: FitPanel) -> dict[str, Any]:
    ends = {
        f"{end}_energy:{number}": field
        for number, pair in enumerate(panel.ranges)
        for end, field in zip(("low", "high"), pair, strict=True)
    }
    return ends | {
        "model": panel.model,
        "statistic": panel.statistic,
        "systematic": panel.systematic,
        "prior": panel.prior,
        "steps": panel.steps,
    }
