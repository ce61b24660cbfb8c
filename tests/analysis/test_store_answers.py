"""Repeated queries are served by the store; changed ones compute only the change."""

from __future__ import annotations

import os
import shutil
import weakref
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import oda_widgets as oda
from oda_widgets.analysis import mosaic_image, window_image
from oda_widgets.archive.sample import SampleArchive
from oda_widgets.config import load_settings
from oda_widgets.errors import BadParameter, DamagedFile, IncompleteProduct, JobCancelled
from oda_widgets.provenance import store as store_module
from oda_widgets.request.source import Source
from tests.analysis.compare import same
from tests.photons.fields import CENTRE

pytestmark = pytest.mark.usefixtures("cache")

WINDOW = "199900010010.001"
BURSTER = Source("Burster", 83.501, 20.717)  # where it has its source
HALF = ("2018-09-12T23:59:00", "2018-09-12T23:59:30")  # of it
CATALOG = oda.SourceCatalog.of(
    [oda.CatalogSource("Burster", 83.501, 20.717), oda.CatalogSource("Other", 79.0, 24.0)]
)


@pytest.fixture
def image(three_windows: Path) -> Callable[..., Any]:
    """Give a function that asks for an image of half a window."""

    def ask(**changes: Any) -> Any:
        words = {"source": BURSTER, "windows": WINDOW, "energy": (28, 80), "intervals": [HALF]}
        return oda.connect(archive=three_windows).image(**words | changes)

    return ask


def query(root: Path, **changes: Any) -> oda.ImageQuery:
    """Return the question for that image."""
    words = {"source": BURSTER, "intervals": [HALF], "energy": (28, 80)} | changes
    words["source"] = oda.connect(archive=root).resolve(words["source"])
    return oda.ImageQuery(science_windows=(WINDOW,), **words)


def test_the_same_question_is_answered_bit_for_bit_without_the_engine(
    image: Callable[..., Any], decoded: list[str]
) -> None:
    first = image()
    again = image()
    same(first, again)
    assert len(decoded) == 1
    assert not first.provenance.nodes[-1].from_store
    assert again.provenance.nodes[-1].from_store


def test_a_changed_threshold_computes_nothing_and_changes_no_node(
    image: Callable[..., Any], decoded: list[str]
) -> None:
    low, high = image(source=None), image(source=None, detection_threshold=1000)
    assert len(decoded) == 1
    assert low.provenance.id == high.provenance.id
    assert (len(low.catalog) > 0, len(high.catalog)) == (True, 0)


def test_a_result_computed_differently_is_another_node(
    image: Callable[..., Any], three_windows: Path
) -> None:
    changes = ({}, {"energy": (28, 81)}, {"intervals": None}, {"source": "1A 0535+262"})
    queries = [query(three_windows, **changed) for changed in changes]
    site = oda.connect(archive=three_windows)
    assert [site.plan(query).in_store for query in queries] == [0, 0, 0, 0]
    image()
    assert [site.plan(query).in_store for query in queries] == [1, 0, 0, 0]


def test_choices_that_do_not_concern_a_window_are_no_part_of_its_node(
    image: Callable[..., Any],
) -> None:
    """A source behind the telescope, time before the window: the same computation."""
    behind = oda.SourceCatalog.of([oda.CatalogSource("Cyg X-1", 299.59, 35.2)])
    before = ("2018-09-12T03:00:00", "2018-09-12T04:00:00")
    one = image()
    assert one.provenance.id == image(catalog=behind).provenance.id
    assert one.provenance.id == image(intervals=[before, HALF]).provenance.id


def test_another_label_of_a_source_computes_nothing(
    image: Callable[..., Any], three_windows: Path, decoded: list[str]
) -> None:
    site = oda.connect(archive=three_windows)
    first = BURSTER
    again = replace(first, name="the source of this night")
    products = [image(source=s) for s in (first, again)]
    assert [image.catalog.names for image in products] == [(first.name,), (again.name,)]
    assert products[0].provenance.id == products[1].provenance.id
    for ask in (site.spectra, site.light_curves):
        one, other = (ask(WINDOW, catalog=[s], intervals=[HALF]) for s in (first, again))
        assert (list(one), list(other)) == ([first.name], [again.name])
        assert one[first.name].provenance.id == other[again.name].provenance.id
    assert len(decoded) == 3


def test_a_name_of_the_reference_catalogue_is_no_mere_label(three_windows: Path) -> None:
    """Under that name the analysis takes a source for the one in the catalogue."""
    sources = [Source(name, 83.64, 22.02) for name in ("Burster", "Crab")]
    queries = [query(three_windows, source=source) for source in sources]
    site = oda.connect(archive=three_windows)
    nodes = [site.plan(query).nodes[-1].id for query in queries]
    assert nodes[0] != nodes[1]


def test_new_sources_of_a_mosaic_take_no_number_that_the_query_has_taken(
    three_windows: Path,
) -> None:
    site = oda.connect(archive=three_windows)
    (found,) = site.image(energy=(28, 80)).catalog
    assert found.name == "NEW_1"
    other = oda.CatalogSource("NEW_1", found.ra, found.dec + 3.0)
    names = site.image(energy=(28, 80), catalog=[other]).catalog.names
    assert sorted(names) == ["NEW_1", "NEW_2"]


def test_errors_call_sources_by_their_labels() -> None:
    behind = oda.CatalogSource("My Crab", 83.6, 22.0)
    with pytest.raises(BadParameter, match="My Crab") as caught:
        oda.connect(archive="sample").spectra("255900280010.001", catalog=[behind])
    assert "source at" not in str(caught.value)


def test_sources_in_another_order_are_the_same_fit(three_windows: Path, decoded: list[str]) -> None:
    turned = oda.SourceCatalog.of(CATALOG[::-1])
    one, other = (
        oda.connect(archive=three_windows).light_curves(WINDOW, catalog=c, time_bin=10)
        for c in (CATALOG, turned)
    )
    assert len(decoded) == 1
    assert (list(one), list(other)) == (["Burster", "Other"], ["Other", "Burster"])
    for name in one:
        same(one[name], other[name])


def test_spectra_and_light_curves_come_from_the_store_too(
    three_windows: Path, decoded: list[str]
) -> None:
    for ask in ("spectra", "light_curves"):
        one, other = (
            getattr(oda.connect(archive=three_windows), ask)(WINDOW, catalog=CATALOG)
            for _ in range(2)
        )
        for name in one:
            same(one[name], other[name])
    assert len(decoded) == 2


def test_a_window_without_good_time_is_remembered_as_such(decoded: list[str]) -> None:
    """The telemetry has a gap inside the window: only its events tell."""
    site = oda.connect(archive="sample")
    window = site.science_windows()[0]
    good = SampleArchive().events(window.id).good_time
    gap = (good[0].stop + 1e-6, good[1].start - 1e-6)
    for _ in range(2):
        with pytest.raises(BadParameter, match="in a gap of the good time of science window 2559"):
            site.image(energy=(28, 150), intervals=[gap])
    assert decoded == []
    asked = oda.ImageQuery(
        science_windows=(window.id,),
        energy=(28, 150),
        intervals=[gap],  # type: ignore[arg-type]
    )
    assert oda.connect(archive="sample").plan(asked).in_store == 1


def test_a_disk_that_fills_costs_the_store_and_not_the_product(
    image: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(store_module, "write_whole", full)
    with pytest.warns(IncompleteProduct, match="No space left on device"):
        assert image().catalog["Burster"].significance > 40


def test_a_damaged_result_is_planned_computed_again_and_said(
    image: Callable[..., Any], three_windows: Path, decoded: list[str]
) -> None:
    image()
    site = oda.connect(archive=three_windows)
    asked = query(three_windows)
    arrays = site.plan(asked).nodes[-1].id + ".npz"
    (path,) = load_settings().store_folder.rglob(arrays)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 4
    path.write_bytes(content)
    assert oda.connect(archive=three_windows).plan(asked).in_store == 0
    with pytest.warns(UserWarning, match=r"A stored result .* was damaged"):
        image()
    assert len(decoded) == 2
    assert oda.connect(archive=three_windows).plan(asked).in_store == 1


def test_one_window_more_costs_one_window(three_windows: Path, decoded: list[str]) -> None:
    site = oda.connect(archive=three_windows)
    ids = site.science_windows().ids
    site.image(CENTRE, ids[:2])
    query = oda.ImageQuery(science_windows=ids, source=site.resolve(CENTRE))
    assert str(site.plan(query)).startswith("3 windows, 2 in the store, ")
    made = site.image(CENTRE, ids)
    assert decoded == list(ids)
    states = [step.from_store for step in made.provenance.nodes if step.name == "ii_skyimage"]
    assert states == [True, True, False]
    assert str(site.plan(query)) == "3 windows, 3 in the store, less than 1 s"


def test_a_mosaic_keeps_a_packed_image_of_each_window_and_nothing_that_is_quick_to_make(
    three_windows: Path,
) -> None:
    site = oda.connect(archive=three_windows)
    steps = site.image(CENTRE, site.science_windows()).provenance.nodes
    held = {path.stem for path in load_settings().store_folder.rglob("*.npz")}
    kept = {step.name: step.id in held for step in steps if step.computed}
    assert kept == {
        "ISGRICounts": True,
        "ii_skyimage": True,
        "mosaic_footprint": False,
        "cleaned_footprint": False,
        "mosaic_ii_skyimage": True,
    }


def test_windows_in_another_order_are_the_same_mosaic(three_windows: Path) -> None:
    site = oda.connect(archive=three_windows)
    ids = site.science_windows().ids
    one, other = (site.image(windows=order) for order in (ids, ids[::-1]))
    same(one, other)
    assert one.provenance.id == other.provenance.id
    assert one.provenance.question == other.provenance.question


def test_results_of_a_cancelled_job_are_not_computed_again(
    three_windows: Path, decoded: list[str]
) -> None:
    site = oda.connect(archive=three_windows)
    ids = site.science_windows().ids
    job = site.submit(oda.ImageQuery(science_windows=ids))
    job.listen(lambda job: job.cancel() if job.progress.science_window == ids[2] else None)
    with pytest.raises(JobCancelled):
        job.result(60)
    done = list(decoded)
    image = oda.connect(archive=three_windows).image(windows=ids)
    assert done == list(ids[:2])
    assert decoded == list(ids)
    assert len(image.observation.science_windows) == 3


def test_a_window_that_proves_damaged_is_remembered_and_said_each_time(
    three_windows: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    site = oda.connect(archive=three_windows)
    ids = site.science_windows().ids
    engine = window_image.image_window
    attempts = []

    def damaged(events: Any, *rest: Any) -> Any:
        attempts.append(events.window.id)
        if events.window.id == ids[1]:
            raise DamagedFile("Its events make no sense.", "Fetch it again.")
        return engine(events, *rest)

    monkeypatch.setattr(window_image, "image_window", damaged)
    for asked in (site, oda.connect(archive=three_windows)):
        with pytest.warns(IncompleteProduct, match=f"{ids[1]} was skipped: Its events"):
            made = asked.image(windows=ids)
        assert [window.id for window in made.observation.skipped] == [ids[1]]
    assert attempts == list(ids)
    with pytest.warns(IncompleteProduct, match=f"{ids[1]} was skipped: Its events"):
        mosaic = site.image(windows=ids[:2])
    assert mosaic.observation.science_windows == ids[:1]  # the mosaic of a single image
    with pytest.raises(DamagedFile, match="make no sense"):
        site.image(windows=ids[1])


def test_a_changed_file_is_another_node(
    three_windows: Path, tmp_path: Path, decoded: list[str]
) -> None:
    """The same identifier, the same size: only the content tells."""
    root = tmp_path / "archive"
    shutil.copytree(three_windows, root)
    first = oda.connect(archive=root).science_windows()[0].id
    oda.connect(archive=root).image(windows=first)
    (file,) = root.rglob(f"{first}/isgri_events.fits.gz")
    content = bytearray(file.read_bytes())
    content[4] ^= 1  # the time stamp in the header of gzip
    file.write_bytes(content)
    os.utime(file, (2e9, 2e9))
    oda.connect(archive=root).image(windows=first)
    assert len(decoded) == 2


def test_windows_are_taken_one_by_one_into_the_mosaic(
    three_windows: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Memory does not grow with their number."""
    images: list[weakref.ref[Any]] = []
    alive: list[int] = []

    def add(image: Any, *_: Any) -> None:
        images.append(weakref.ref(image))
        alive.append(sum(other() is not None for other in images))

    monkeypatch.setattr(mosaic_image, "_add", add)
    oda.connect(archive=three_windows).image()
    assert alive == [1] * 6  # each is added to a first mosaic, which tells what to clean


def test_a_plan_is_refused_for_what_is_no_query(sample_site: oda.Site) -> None:
    with pytest.raises(BadParameter, match="not a query"):
        sample_site.plan("image of the Crab, please")


def test_a_plan_knows_the_time_once_it_was_measured(
    image: Callable[..., Any], three_windows: Path
) -> None:
    site = oda.connect(archive=three_windows)
    asked = query(three_windows)
    assert str(site.plan(asked)).endswith(", time not known yet")
    image()
    assert site.plan(query(three_windows, energy=(30, 40))).seconds == pytest.approx(
        image().provenance.seconds, rel=0.01
    )
