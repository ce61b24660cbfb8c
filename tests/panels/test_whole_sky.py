"""An instrument that sees the whole sky: what it has not, the page does not show."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest

import oda_widgets as oda
from oda_widgets.panels.bursts import BurstSearch, has_short_bins
from oda_widgets.panels.workbench import Workbench
from oda_widgets.request.source import Source
from oda_widgets.views.light_curve import LightCurveView
from tests.panels.fake_site import FakeSite
from tests.panels.turns import wait_until
from tests.real_data import GRB_230307A
from tests.views import handmade


@pytest.fixture
def shield(bench: Workbench) -> Workbench:
    """Return a workbench that shows a light curve of SPI-ACS, made without science windows."""
    bench.form.energies.instrument.value = "spi_acs"
    bench.form.windows.start.value = "2023-03-07T15:44"
    bench.form.windows.stop.value = "2023-03-07T15:46"
    wait_until(lambda: not bench.form.submit_button.disabled)
    bench.submit()
    return bench


def test_a_result_without_windows_and_sources_can_leave_the_page(shield: Workbench) -> None:
    notebook = shield.export_notebook().decode()
    assert "curves['SPI-ACS'].plot()" in notebook
    with zipfile.ZipFile(io.BytesIO(shield.export_zip())) as archive:
        assert any(name.endswith(".fits") for name in archive.namelist())


def test_a_session_without_windows_and_sources_is_the_same_after_its_file(
    shield: Workbench,
) -> None:
    other = Workbench(FakeSite())
    other.open_session(shield.save_session())
    assert other.keeper.session.form == shield.keeper.session.form
    assert other.job.records[-1].query == shield.job.records[-1].query


def test_a_result_without_windows_is_not_called_one_of_0_windows(shield: Workbench) -> None:
    shield.form.product.time_bin.value = "1"
    origin = shield.results.origins["light_curves"].value
    assert "From another query: Light curve · SPI-ACS · above 80 keV" in origin
    assert "science windows" not in origin
    cells = [cell["text"] for cell in shield.job.table.rows[0]["cells"]]
    assert cells[shield.job.table.columns.index("Windows")] == "—"


def visible(control: Any) -> bool:
    return control.layout.display != "none"


def test_what_the_instrument_has_not_is_not_offered(shield: Workbench) -> None:
    selection, energies = shield.results.selection, shield.form.energies
    zero = shield.form.times.zero
    shield.select([(zero + 10 / 86400, zero + 20 / 86400)])
    fields = [*energies._edge_fields, energies._presets]
    assert [visible(one) for one in (selection.image_button, selection.spectrum_button)] == [
        False
    ] * 2
    assert visible(selection.zoom_button)
    assert not any(map(visible, fields))
    assert visible(energies._one_band_field)
    assert energies.one_band.value == "above 80 keV"
    assert "sees the whole sky" in shield.form.source._use_note.value
    energies.instrument.value = "isgri"
    assert visible(selection.image_button)
    assert visible(selection.spectrum_button)
    assert all(map(visible, fields))
    assert not visible(energies._one_band_field)
    assert not visible(shield.form.source._use_note)


def test_selected_times_are_zoomed_to(shield: Workbench) -> None:
    view = shield.results.curve_view
    start = view.span[0]
    shield.select([(start + 10 / 86400, start + 20 / 86400)])
    shield.results.selection.zoom_button.click()
    axis = view.figure.x_range
    assert (axis.start, axis.end) == pytest.approx((9, 21), abs=1e-3)


def test_bursts_are_listed_marked_and_written_as_python(shield: Workbench) -> None:
    search, view = shield.results.bursts, shield.results.curve_view
    assert visible(search)
    search.find_button.click()
    wait_until(lambda: len(search.table.rows) == 4)
    wait_until(lambda: not search.find_button.disabled)
    first = [cell["text"] for cell in search.table.rows[0]["cells"]]
    assert first == ["1", "2022-10-12T15:33:50.806", "43.2 σ", "2.76 ± 0.43", "59.5 ± 2.1", "—"]
    assert list(view._bursts.data["number"]) == ["1", "2", "3", "4"]
    assert search.code.endswith(
        "bursts = curve.bursts(above=6, longest=13)\nfor burst in bursts:\n    print(burst)"
    )
    assert search._code.text == search.code
    search._zoom_to_burst("0", "Show")
    assert view.figure.x_range.end - view.figure.x_range.start < 60
    search.above.value = "3"
    search.find_button.click()
    wait_until(lambda: "outside 4 to" in search.message.value)
    search.above.value = "50"
    search.find_button.click()
    wait_until(lambda: len(search.table.rows) == 2)
    shield.results.curve_tools.width.value = 2.0  # another light curve: nothing was found in it
    assert not visible(search.table)
    assert list(shield.results.curve_view._bursts.data["number"]) == []


def test_the_marks_of_bursts_are_parts_of_the_figure_before_there_are_any(
    shield: Workbench,
) -> None:
    figure = shield.results.curve_view.figure  # BokehJS finds no view of parts that come later
    parts = [list(place) for place in (figure.renderers, figure.center, figure.below)]
    assert len(shield.results.bursts.find()) == 4
    assert [list(place) for place in (figure.renderers, figure.center, figure.below)] == parts


def test_a_search_for_bursts_is_made_again_with_its_session(shield: Workbench) -> None:
    shield.results.bursts.above.value = "50"
    shield.results.bursts.find()
    other = Workbench(FakeSite())
    other.open_session(shield.save_session())
    wait_until(lambda: len(other.results.bursts.table.rows) == 2)
    assert other.results.bursts.above.value == "50"
    wait_until(lambda: list(other.results.curve_view._bursts.data["number"]) == ["1", "2"])


def test_a_session_in_which_no_bursts_were_searched_searches_none(shield: Workbench) -> None:
    other = Workbench(FakeSite())
    other.open_session(shield.save_session())
    wait_until(lambda: other.results.curve_view is not None)
    assert not other.results.bursts.find_button.disabled
    assert other.results.bursts.found == ()


def test_bursts_of_a_real_light_curve_are_late_or_early_at_the_earth() -> None:
    curve = oda.LightCurve.read(GRB_230307A)
    search = BurstSearch(lambda: Source("GRB 230307A", 60.82, -75.38))
    search.use(curve, LightCurveView(curve))
    (burst,) = search.find()
    assert search.table.rows[0]["cells"][-1]["by"] == burst.light_travel_time((60.82, -75.38))


def test_bursts_are_searched_in_light_curves_of_short_bins_only() -> None:
    assert has_short_bins(handmade.light_curve())
    assert not has_short_bins(handmade.light_curve(bins=36, width=100.0))
