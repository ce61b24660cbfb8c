"""The fit panel: buttons, sliders and messages."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from oda_widgets.errors import JobCancelled
from oda_widgets.fitting.models import library
from oda_widgets.fitting.models.definitions import definitions
from oda_widgets.fitting.models.expression import components, parse
from oda_widgets.fitting.statistics import STATISTICS
from oda_widgets.panels.fit_choices import CHOICES, MODELS
from oda_widgets.panels.fit_panel import FitPanel
from oda_widgets.panels.limit_field import short_number
from oda_widgets.panels.result_parts import FitLauncher
from oda_widgets.views.corner import size_of_panels
from tests.fitting.instruments import isgri, jemx, ngc_2110
from tests.panels.turns import wait_until


@pytest.fixture
def panel() -> FitPanel:
    panel = FitPanel(ngc_2110(), "cutoffpl")
    panel.ranges[0][0].value, panel.ranges[0][1].value = "22", "200"
    panel.run()
    return panel


def test_the_panel_offers_each_statistic() -> None:
    assert list(CHOICES.values()) == ["", *STATISTICS]


def test_it_fits_as_the_same_lines_of_python_do(panel: FitPanel) -> None:
    expected = ngc_2110().fit("cutoffpl", energy=(22, 200))
    assert panel.fit is not None
    assert panel.fit.statistic == pytest.approx(expected.statistic, abs=1e-3)
    assert panel.table.rows["PhoIndex"].value.value == pytest.approx(1.636, abs=2e-3)
    assert "χ² = 4.45 for 8" in panel.view.summary.value


def test_the_curve_follows_a_slider(panel: FitPanel) -> None:
    before = panel.view.summary.value
    model = panel.view._sources.models[0].data["y"].copy()
    panel.table.rows["PhoIndex"].slider.value = 0.8
    assert panel.view.summary.value != before
    assert not (panel.view._sources.models[0].data["y"] == model).all()


def test_limits_ticks_and_links_of_the_table_hold(panel: FitPanel) -> None:
    rows = panel.table.rows
    rows["HighECut"].high.value = 5000
    rows["PhoIndex"].value.value = 1.7
    rows["PhoIndex"].free.value = False
    fit = panel.run()
    assert fit.parameters["PhoIndex"].frozen
    assert fit.parameters["PhoIndex"].value == 1.7
    assert fit.parameters["HighECut"].high == 5000
    rows["PhoIndex"].link.value = "= 2*norm"
    assert panel.run().parameters["PhoIndex"].link == "2*cutoffpl.norm"


def test_limits_are_written_short_and_read_as_numbers(panel: FitPanel) -> None:
    field = panel.table.rows["norm"].high
    assert field.get_state("value") == {"value": "1e24"}
    field.set_state({"value": "2e10"})
    assert field.value == 2e10
    assert field.get_state("value") == {"value": "2e10"}
    field.set_state({"value": "much"})
    assert field.value == 2e10
    texts = [short_number(value) for value in (0, -3, 0.25, 1e6, 1e10, 123456789.5, 1e-7)]
    assert texts == ["0", "-3", "0.25", "1e6", "1e10", "123456789.5", "1e-7"]


def test_errors_stand_in_the_table_and_in_the_files(panel: FitPanel) -> None:
    panel.errors()
    assert panel.table.rows["PhoIndex"].error.value == "−0.092 +0.080 (68.3 %, profile)"
    assert "upper bound unconstrained, hard limit 500" in panel.table.rows["HighECut"].error.value
    assert b"\\begin{tabular}" in panel.latex()
    assert panel.csv().startswith(b"parameter,unit")


def test_a_parameter_without_error_says_why_and_digits_follow_the_error(panel: FitPanel) -> None:
    panel.run()
    assert panel.table.rows["PhoIndex"].error.value.endswith("(1σ, covariance)")
    assert len(str(panel.table.rows["PhoIndex"].value.value)) == len("1.6361")
    panel.table.rows["PhoIndex"].value.value = 1.1
    panel.table.rows["PhoIndex"].high.value = 1.2
    panel.run()
    assert panel.table.rows["PhoIndex"].error.value == "none: at its limit"


def test_a_slider_that_a_browser_puts_on_its_step_leaves_the_errors() -> None:
    """It shows whole steps, and tells the step nearest to the place that it was given."""
    panel = FitPanel([isgri(1000.0, 8), jemx(1000.0)])
    panel.model.value = "constant*wabs*bknpower"
    before = {name: row.value.value for name, row in panel.table.rows.items()}
    for row in panel.table.rows.values():
        row.slider.value = round(row.slider.value / row.slider.step) * row.slider.step
        row.slider.value += 0.4 * row.slider.step
    assert {name: row.value.value for name, row in panel.table.rows.items()} == before
    assert not any("moved" in row.error.value for row in panel.table.rows.values())


def test_what_is_without_errors_says_what_was_changed(panel: FitPanel) -> None:
    row = panel.table.rows["PhoIndex"]
    row.high.value = 5
    assert row.error.value == "none: changed since the fit"
    row.slider.value = 0.8
    assert row.error.value == "none: moved since the fit"


def test_a_chain_is_shown_with_its_verdict(panel: FitPanel) -> None:
    chain = panel.sample(steps=100)
    assert panel.measures.found == [f"Chain, flat priors: {chain.verdict}"]
    assert panel.chain_place.children
    panel.prior.value = "jeffreys"
    assert panel.sample(steps=100).prior == "jeffreys"
    assert "Jeffreys' prior leaves" in panel.measures.found[-1]


def test_a_chain_that_is_too_short_can_go_on(panel: FitPanel) -> None:
    panel.steps.value = "60"
    chain = panel.sample()
    assert len(chain.values) < 60 * 40
    wanted = re.search(r"take steps=(\d+)", chain.verdict)
    assert wanted is not None
    assert "take Steps " in panel.measures.text.value
    assert "take Steps " in panel.chain_place.children[0].summary.value
    assert panel.steps.value == wanted[1]
    assert panel.longer_button.description == f"Go on to {int(wanted[1]):,} steps"
    assert panel.longer_button.layout.display == ""
    panel.run()
    assert panel.longer_button.layout.display == "none"
    panel.steps.value = "1"
    panel.attempt(panel.sample)
    assert "Steps &#x27;1&#x27;: outside 10 to" in panel.message.value


@pytest.mark.parametrize("number", [1, 2, 4, 6, 8])
def test_a_corner_plot_fits_into_the_column_of_a_page(number: int) -> None:
    """On a page of 1280 screen pixels the results have 860 of them."""
    assert number * size_of_panels(number) + 60 <= 860


def test_mistakes_are_shown_in_words(panel: FitPanel) -> None:
    for text, message in (
        ("powerlow", "Did you mean powerlaw"),
        ("po*po", "both spectra"),
        ("relline", "no model"),
    ):
        panel.model.value = text
        assert message in panel.message.value
    panel.model.value = "powerlaw"
    assert not panel.message.value
    panel.table.rows["PhoIndex"].value.value = 77
    panel.attempt(panel.run)
    assert "limits are -3 and 10" in panel.message.value
    panel.ranges[0][0].value, panel.ranges[0][1].value = "250", "290"
    panel.attempt(panel.run_fresh)
    assert "no good channel" in panel.message.value


def test_an_error_in_the_background_is_shown(panel: FitPanel) -> None:
    panel.table.rows["PhoIndex"].value.value = 77
    panel.in_background(panel.run)
    wait_until(lambda: panel.message.value)
    assert "limits are -3 and 10" in panel.message.value


def test_several_spectra_get_a_factor_between_them() -> None:
    panel = FitPanel([isgri(1000.0, 8), jemx(1000.0)])
    assert panel.model.value == "constant*powerlaw"
    assert panel.menu.value == panel.model.value
    tooltips = [low.tooltip for low, _ in panel.ranges]
    assert tooltips == ["Lowest energy of ISGRI", "Lowest energy of JEM-X"]
    assert "2:factor" in panel.table.rows
    assert "2:PhoIndex" not in panel.table.rows
    panel.menu.value = "constant*cutoffpl"
    assert panel.model.value == "constant*cutoffpl"


def test_counts_are_fitted_by_their_likelihood_and_rates_are_not() -> None:
    empty = isgri(1000.0, 16)
    counted = np.random.default_rng(1).poisson(20.0, 16) / 1000.0
    panel = FitPanel(replace(empty, rate=counted, error=np.sqrt(counted / 1000.0)))
    panel.statistic.value = "cstat"
    assert panel.fit is not None
    assert panel.fit.statistic_name == "cstat"
    assert panel.view.summary.value.startswith("C = ")
    other = FitPanel(ngc_2110())
    other.statistic.value = "cstat"
    assert "rates with errors of their own" in other.message.value


def test_every_model_of_the_menu_can_be_used() -> None:
    for model in (m for models in MODELS.values() for m in models):
        assert all(part.model.name in definitions() for part in components(parse(model)))
    if library.available():
        panel = FitPanel(ngc_2110(), "compTT")
        assert panel.fit is not None


def test_the_panel_opens_below_a_spectrum() -> None:
    launcher = FitLauncher(ngc_2110())
    panel = launcher.begin()
    assert launcher.children == (panel,)


def test_a_wrong_range_is_said_at_once_and_nothing_is_clamped(panel: FitPanel) -> None:
    panel.ranges[0][0].value = "300"
    assert "lower end must be below" in panel.message.value
    panel.attempt(panel.run)
    assert "lower end must be below" in panel.message.value
    panel.ranges[0][0].value = "22"
    assert panel.message.value == ""
    panel.systematic.value = "1000"
    assert "outside 0 to 50" in panel.message.value
    assert panel.systematic.value == "1000"


def test_errors_belong_to_the_best_values_and_the_menu_to_the_model(panel: FitPanel) -> None:
    panel.errors()
    panel.table.rows["PhoIndex"].slider.value = 0.8
    assert {row.error.value for row in panel.table.rows.values()} == {"none: moved since the fit"}
    assert panel.menu.value == "cutoffpl"
    panel.model.value = "powerlaw + gaussian*gaussian"
    panel.model.value = "cutoffpl*powerlaw"
    panel.model.value = "powerlaw"
    assert panel.menu.value == "powerlaw"
    panel.model.value = "bknpower + bbodyrad"
    assert panel.menu.value == ""
    assert panel._buttons[-1].disabled  # there is no chain to cancel


def test_errors_say_how_far_they_are_and_can_be_cancelled(
    panel: FitPanel, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[str, bool]] = []

    def watch(text: str) -> None:
        seen.append((text, panel._buttons[-1].disabled))
        if text.startswith("Errors: 1"):
            panel.cancel()

    monkeypatch.setattr(panel, "_show_status", watch)
    with pytest.raises(JobCancelled):
        panel.errors()
    assert ("Errors: 0 of 3 parameters", False) in seen
    assert ("Errors: 1 of 3 parameters", False) in seen
    assert panel._buttons[-1].disabled
    panel.run()
    assert seen[-2][0].startswith("Fitting cutoffpl")
    assert not seen[-1][0].startswith("Fitting")


def test_the_flux_of_a_source_that_is_not_seen_is_shown_with_its_limit() -> None:
    spectrum = isgri(1e4, 16)
    noise = np.random.default_rng(1).normal(size=len(spectrum.error)) * spectrum.error
    panel = FitPanel(replace(spectrum, rate=noise))
    panel.run()
    said = panel.measures.flux()
    assert said.startswith("Flux 20-100 keV: (")
    account = "95 % confidence; 20-30 keV is extrapolated, fitted 30-300 keV"
    assert re.search(rf"; flux 20-100 keV < \S+ erg/cm²/s \({account}\)$", said)


def test_flux_limit_and_contour_are_measured(panel: FitPanel) -> None:
    measures = panel.measures
    assert measures.flux() == str(panel.present().flux(20, 100))
    assert measures.limited.value == "norm"
    assert measures.upper_limit().startswith("norm < ")
    measures.low.value = "30"
    measures.flux()
    panel.sample(steps=100)
    flux, limit, other, chain = re.findall("<li>(.*?)</li>", measures.text.value)
    assert flux.startswith("Flux 20-100 keV: ")
    assert other.startswith("Flux 30-100 keV: ")
    assert limit.startswith("norm &lt; ")
    assert chain.startswith("Chain, flat priors: ")
    panel.errors()
    assert len(measures.found) == 4  # of the same best values
    measures.first.value, measures.second.value = "PhoIndex", "norm"
    measures.contour()
    assert measures.place.children
    panel.run()
    assert measures.text.value == ""
    assert b"cutoffpl" in panel.xcm()
