"""An instrument that sees the whole sky: what it has not, the page does not show."""

from __future__ import annotations

import io
import zipfile

import pytest

from oda_widgets.panels.workbench import Workbench
from tests.panels.fake_site import FakeSite
from tests.panels.turns import wait_until


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
