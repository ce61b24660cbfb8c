"""What only the sum of windows shows is cleaned from each of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import oda_widgets as oda
from tests.photons import fields
from tests.photons.detector import perfect_pixels
from tests.photons.isdc_files import write_events

FAINT = 0.06  # of the bright source: 4 sigma in a window


@pytest.fixture(scope="module")
def field() -> fields.Field:
    """Give a bright source and one that is too faint for a window, 2 degrees away."""
    crab = replace(fields.crab(np.random.default_rng(7)), pixels=perfect_pixels())
    (bright,) = crab.sources
    place = {"ra": bright.ra + 2.0, "dec": bright.dec + 1.0}
    return replace(crab, sources=(bright, replace(bright, rate=FAINT * bright.rate, **place)))


@pytest.fixture(scope="module")
def archive(field: fields.Field, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give an archive of three windows of a minute."""
    root, rng = tmp_path_factory.mktemp("archive"), np.random.default_rng(8)
    for pointing in fields.dither(fields.CENTRE, number=3, duration=100.0):
        write_events(field.seen_from(pointing).trace(60.0, rng), root)
    return root


@pytest.mark.usefixtures("cache")
def test_windows_are_cleaned_of_what_only_their_sum_shows(
    archive: Path, field: fields.Field, decoded: list[str]
) -> None:
    site = oda.connect(archive=archive, executor="none")
    ids = site.science_windows().ids
    image = site.image(windows=ids, energy=(28, 80), detection_threshold=5)
    assert decoded == list(ids)  # no event is read twice
    steps = [step for step in image.provenance.nodes if step.name == "cleaned_footprint"]
    assert len(steps) == len(ids)
    known = {step.id: step for step in image.provenance.nodes}
    for step in steps:
        names = [known[identifier].name for identifier in step.inputs]
        assert names == ["ii_skyimage", "CatExtract"]
    assert [source.name for source in image.catalog] == ["NEW_1", "NEW_2"]
    assert all(source.new for source in image.catalog)
    for found, true in zip(image.catalog, field.sources, strict=True):
        assert abs(found.flux - true.rate_between(28, 80)) < 3.5 * found.flux_error
        assert found.separation(oda.CatalogSource("true", true.ra, true.dec)) < 0.1
    again = oda.connect(archive=archive, executor="none").image(
        windows=ids, energy=(28, 80), detection_threshold=5
    )
    assert len(again.provenance.nodes) == len(image.provenance.nodes)
    assert decoded == list(ids)
