"""Messages of the page name a field as it is labelled, and never a parameter of Python."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from oda_widgets.panels.fit_panel import FitPanel
from oda_widgets.panels.workbench import Workbench
from oda_widgets.views.field_words import FIELDS, in_field_words
from tests.fitting.instruments import ngc_2110
from tests.panels.turns import wait_until

_PARAMETER = re.compile(r"\b[a-z]\w*=(?!&#x27;oda)")


def labels(widget: Any) -> Iterator[tuple[str, Any]]:
    """Yield the label of each labelled field below a widget, and its control."""
    children = getattr(widget, "children", ())
    if "oda-field" in getattr(widget, "_dom_classes", ()):
        yield children[0].value, children[1]
    for child in children:
        yield from labels(child)


def label_of(page: Any, control: Any) -> str:
    return next(label for label, one in labels(page) if one is control)


@pytest.mark.parametrize(
    ("panel", "field", "text"),
    [
        ("energies", "low", "abc"),
        ("energies", "high", "2000"),
        ("windows", "start", "soon"),
        ("windows", "stop", "soon"),
        ("windows", "radius", "-3"),
        ("windows", "limit", "abc"),
        ("windows", "limit", "1.5"),
        ("windows", "seed", "abc"),
        ("product", "threshold", "2"),
        ("product", "time_bin", "-5"),
    ],
)
def test_a_wrong_field_is_named_by_its_label(
    bench: Workbench, panel: str, field: str, text: str
) -> None:
    made = getattr(bench.form, panel)
    if field == "time_bin":
        made.kind.value = "light_curves"
    control = getattr(made, field)
    control.value = text
    for shown in (made.message.value, bench.form.plan.text.value):
        assert label_of(bench.form, control) in shown
        assert not _PARAMETER.search(re.sub("<.*?>", "", shown))


def test_fields_without_a_label_above_are_named_by_their_card(bench: Workbench) -> None:
    bench.form.times.text.value = "abc"
    assert "Time selection &#x27;abc&#x27;" in bench.form.times.message.value
    bench.form.energies.low.value = "151"
    assert "Write Energies (150, 151)." in bench.form.energies.message.value
    bench.form.source.name.value = "Crb"
    assert "Source &#x27;Crb&#x27;: nobody knows" in bench.form.source.message.value
    wait_until(lambda: "Source &#x27;Crb&#x27;" in bench.form.code.value)


def test_fields_below_the_results_are_named_by_their_labels(bench: Workbench) -> None:
    tools, search = bench.results.curve_tools, bench.results.bursts
    tools.limit.value = "x"
    assert label_of(tools, tools.limit) in tools.message.value
    search.above.value = "3"
    search.find_button.click()
    wait_until(lambda: label_of(search, search.above) in search.message.value)


def test_fields_of_a_fit_are_named_by_their_labels() -> None:
    panel = FitPanel(ngc_2110())
    panel.systematic.value = "1000"
    assert label_of(panel, panel.systematic) in panel.message.value
    panel.systematic.value = "0"
    panel.measures.low.value = "x"
    panel.attempt(panel.measures.flux)
    assert f"{label_of(panel, panel.measures.low)} &#x27;x&#x27;" in panel.message.value


def test_only_names_of_fields_are_replaced() -> None:
    assert in_field_words("x.start=3, restart=3 and start = 3") == (
        "x.start=3, restart=3 and start = 3"
    )
    assert {in_field_words(f"{name}=3") for name in FIELDS} == {f"{w} 3" for w in FIELDS.values()}
