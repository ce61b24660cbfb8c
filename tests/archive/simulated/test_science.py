"""The public API over the simulated mission: the right flux, and never taken for real data."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

import oda_widgets as oda
from oda_widgets.archive.combined import CombinedArchive
from oda_widgets.archive.sample import SAMPLE_IDENTIFIER, SampleArchive
from oda_widgets.archive.simulated.archive import SimulatedArchive
from oda_widgets.archive.simulated.targets import targets
from oda_widgets.archive.simulated.window import epoch_of
from oda_widgets.errors import ArchiveError, IncompleteProduct
from oda_widgets.request.science_windows import ScienceWindow


@pytest.fixture(scope="module")
def site() -> oda.Site:
    return oda.connect()


def crab_rate(window: ScienceWindow) -> float:
    """Return the counts/s of the Crab from 28 to 80 keV in a window, as simulated."""
    crab = targets()["Crab"][0]
    level = float(crab.curve.level(np.array([window.start]))[0])
    return crab.counts.between(28, 80) * level * epoch_of(window).area


def test_the_crab_is_found_with_its_flux(site: oda.Site, crab_window: ScienceWindow) -> None:
    image = site.image("Crab", crab_window, energy=(28, 80))
    crab = image.catalog["Crab"]
    assert crab.significance > 200
    error = np.hypot(4 * crab.flux_error, 0.01 * crab.flux)
    assert crab.flux == pytest.approx(crab_rate(crab_window), abs=error)
    assert not [source.name for source in image.catalog if source.new]
    assert image.observation.simulated
    assert image.observation.label.startswith("SIMULATED")
    assert image.observation.live_time < image.observation.ontime


def test_real_windows_come_before_simulated_ones(site: oda.Site) -> None:
    assert site.science_windows("SGR 1935+2154").ids == (SAMPLE_IDENTIFIER,)
    assert site.science_windows().ids == (SAMPLE_IDENTIFIER,)


def test_simulated_windows_answer_where_there_are_no_real_ones(site: oda.Site) -> None:
    found = site.science_windows("Crab", start="2003-01-01", limit=10)
    assert len(found) == 10
    assert found.available > 500
    assert all(window.simulated for window in found)
    elsewhere = site.science_windows("SGR 1935+2154", stop="2010-01-01")
    assert all(window.simulated for window in elsewhere)


def test_each_archive_can_be_had_alone() -> None:
    assert oda.connect(archive="sample").name == "bundled sample"
    simulated = oda.connect(archive="simulated")
    assert simulated.name == "simulated mission"
    assert all(window.simulated for window in simulated.science_windows("SGR 1935+2154"))


def test_a_product_of_real_and_simulated_windows_warns_and_is_labelled(site: oda.Site) -> None:
    simulated = site.science_windows("SGR 1935+2154", stop="2010-01-01", limit=1, radius=5)
    catalog = oda.SourceCatalog.of([oda.CatalogSource("SGR 1935+2154", 293.732, 21.8967)])
    with pytest.warns(IncompleteProduct, match="1 of 2 science windows are simulated"):
        curves = site.light_curves(
            [*simulated.ids, SAMPLE_IDENTIFIER], catalog=catalog, time_bin=100
        )
    assert curves["SGR 1935+2154"].observation.simulated


def test_of_two_archives_with_one_window_the_first_gives_it(crab_window: ScienceWindow) -> None:
    first, second = SimulatedArchive(1), SimulatedArchive(2)
    both = CombinedArchive([first, second])
    assert both.science_windows() == first.science_windows()
    assert np.array_equal(both.events(crab_window.id).time, first.events(crab_window.id).time)


def test_archives_travel_light_to_other_processes() -> None:
    both = CombinedArchive([SampleArchive(), SimulatedArchive(3)])
    windows = both.science_windows()
    packed = pickle.dumps(both)
    assert len(packed) < 1000
    assert pickle.loads(packed).science_windows() == windows


def test_a_combined_archive_keeps_the_protocol() -> None:
    both = CombinedArchive([SampleArchive(), SimulatedArchive()])
    windows = both.science_windows()
    assert both.name == "bundled sample and simulated mission"
    assert both.unusable_windows() == ()
    assert [w.start for w in windows] == sorted(w.start for w in windows)
    assert windows[-1].id == SAMPLE_IDENTIFIER
    assert len(both.events(SAMPLE_IDENTIFIER[:12])) > 2_000_000
    with pytest.raises(ArchiveError, match=r"bundled sample and simulated mission has no events"):
        both.events("255900290010")
