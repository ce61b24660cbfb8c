"""Neighbouring windows, whose pixels give efficiencies to a window, and when they are used."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import oda_widgets as oda
from oda_widgets.analysis import pixel_template
from oda_widgets.analysis.analysis import analysis_of
from oda_widgets.analysis.calibrated_archive import CalibratedArchive
from oda_widgets.analysis.pixel_template import neighbours
from oda_widgets.archive.simulated.archive import SimulatedArchive
from oda_widgets.lookup.sphere import separations
from oda_widgets.provenance.node import Node
from oda_widgets.request.energy import EnergyBand
from tests.photons import fields
from tests.photons.detector import worn_pixels
from tests.photons.isdc_files import write_events

pytestmark = pytest.mark.usefixtures("cache")

BAND = (28, 80)


@pytest.mark.parametrize("number", [0, 1000, 33333, 73592])
def test_neighbours_are_near_in_time_and_point_elsewhere(number: int) -> None:
    windows = SimulatedArchive().science_windows()
    window = windows[number]
    around = neighbours(windows, window)
    assert len(around) <= 3
    for other in around:
        assert other.id[:4] == window.id[:4]
        assert abs(other.start - window.start) < 3
    for one in (window, *around):
        others = [other for other in (window, *around) if other is not one]
        angles = separations([o.ra for o in others], [o.dec for o in others], one.ra, one.dec)
        assert (angles > 0.5).all()


def test_real_windows_are_not_explained_by_simulated_ones() -> None:
    windows = SimulatedArchive().science_windows()[:40]
    real = replace(windows[20], simulated=False)
    mixed = (*windows[:20], real, *windows[21:])
    assert neighbours(mixed, real) == []
    assert real not in neighbours(mixed, windows[21])


@pytest.fixture(scope="module")
def rough(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give an archive of four windows whose pixel efficiencies scatter by 40 %."""
    root = tmp_path_factory.mktemp("rough")
    rng = np.random.default_rng(61)
    field = replace(fields.empty(rng), pixels=worn_pixels(rng, scatter=0.4))
    for pointing in fields.dither(fields.CENTRE, number=4, duration=700.0):
        write_events(field.seen_from(pointing).trace(600.0, rng), root)
    return root


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Give the list of windows in which pixels were measured."""
    windows: list[str] = []
    measure = pixel_template.pixel_sums

    def spy(events: Any, *arguments: Any) -> Any:
        windows.append(events.window.id)
        return measure(events, *arguments)

    monkeypatch.setattr(pixel_template, "pixel_sums", spy)
    return windows


def test_neighbours_are_used_if_pixels_scatter(rough: Path, asked: list[str]) -> None:
    site = oda.connect(archive=rough)
    ids = site.science_windows().ids
    planned = site.plan(oda.ImageQuery(science_windows=ids[:1], energy=EnergyBand(*BAND)))
    assert "3 more windows to read if pixels are noisy" in str(planned)
    image = site.image(None, ids[0], energy=BAND)
    assert asked == list(ids[1:])
    names = [step.name for step in image.provenance.nodes]
    assert names.count("pixel_sums") == 3
    assert "BinMapsImage" in names
    cited = image.provenance.citation()
    assert f"of science window {ids[0]} (" in cited
    assert "from 3 neighbouring science windows" in cited
    # Another window has to measure only the one that it did not share. A plan knows of it.
    times = site._backend._store.times
    query = oda.ImageQuery(science_windows=ids[1:2], energy=EnergyBand(*BAND))
    own, neighbour = (
        times.expected("ii_skyimage from ISGRICounts"),
        times.expected("pixel_sums from ISGRICounts"),
    )
    assert site.plan(query).seconds == pytest.approx(own + neighbour)
    site.image(None, ids[1], energy=BAND)
    assert asked == [*ids[1:], ids[0]]
    again = oda.connect(archive=rough).image(None, ids[0], energy=BAND)
    assert [step.name for step in again.provenance.nodes] == names


def test_a_damaged_neighbour_is_left_out(rough: Path, tmp_path: Path, asked: list[str]) -> None:
    for file in rough.rglob("*.fits.gz"):
        copy = tmp_path / file.relative_to(rough)
        copy.parent.mkdir(parents=True)
        copy.write_bytes(file.read_bytes())
    site = oda.connect(archive=tmp_path)
    ids = site.science_windows().ids
    broken = next(file for file in tmp_path.rglob("*.fits.gz") if ids[2][:12] in str(file))
    broken.write_bytes(broken.read_bytes()[:-50_000])
    image = oda.connect(archive=tmp_path).image(None, ids[0], energy=BAND)
    assert ids[2] not in asked
    assert np.isfinite(image.intensity).any()


def test_neighbours_are_not_used_if_pixels_are_alike(three_windows: Path, asked: list[str]) -> None:
    site = oda.connect(archive=three_windows)
    image = site.image(None, site.science_windows().ids[0], energy=BAND)
    assert asked == []
    assert "BinMapsImage" not in [step.name for step in image.provenance.nodes]


def test_a_plan_asked_again_has_the_same_nodes_as_long_as_the_windows_are_the_same() -> None:
    identifier = SimulatedArchive().science_windows()[0].id
    query = oda.ImageQuery(science_windows=identifier, energy=(20, 40))

    def events(seed: int) -> Node:
        archive = CalibratedArchive(SimulatedArchive(seed))
        return analysis_of(query, archive).windows[0].events

    assert events(0) is events(0)
    assert events(0) != events(1)
