"""The page offers what the chosen instrument has."""

from __future__ import annotations

from oda_widgets.panels.workbench import Workbench
from oda_widgets.request.energy import EnergyBand
from tests.panels.conftest import wait_until
from tests.panels.fake_site import FakeSite


def offered(bench: Workbench) -> list[str]:
    return [name for _, name in bench.form.product.kind.options]


def test_another_instrument_brings_its_band_its_radius_and_its_windows(
    bench: Workbench, site: FakeSite
) -> None:
    bench.form.energies.instrument.value = "jemx1"
    assert bench.form.energies.value == EnergyBand(3, 20)
    assert bench.form.windows.radius.read() == 4
    wait_until(lambda: site.searches[-1].get("instrument") == "jemx1")
    wait_until(lambda: not bench.form.submit_button.disabled)
    query = bench.form.image_query()
    assert (query.instrument, query.energy) == ("jemx1", EnergyBand(3, 20))
    bench.form.energies.low.value = "40"
    assert "outside 3 to 35 keV" in bench.form.energies.message.value
    bench.form.energies.instrument.value = "isgri"
    assert bench.form.energies.value == EnergyBand(28, 80)


def test_spi_acs_offers_light_curves_alone_and_no_catalogue(
    bench: Workbench, site: FakeSite
) -> None:
    assert offered(bench) == ["image", "spectra", "light_curves"]
    bench.form.energies.instrument.value = "spi_acs"
    assert offered(bench) == ["light_curves"]
    assert bench.form.catalogue.layout.display == "none"
    wait_until(lambda: site.searches[-1].get("instrument") == "spi_acs")
    wait_until(lambda: not bench.form.submit_button.disabled)
    assert not len(bench.form.light_curve_query().catalog)
    bench.form.energies.instrument.value = "jemx2"
    assert offered(bench) == ["image", "spectra", "light_curves"]
