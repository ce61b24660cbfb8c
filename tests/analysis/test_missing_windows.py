"""Windows of a query that a folder does not have are left out with the reason, as of a server."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import oda_widgets as oda
from oda_widgets.analysis.analysis import analysis_of
from oda_widgets.analysis.calibrated_archive import CalibratedArchive
from oda_widgets.archive.isdc import IsdcArchive
from oda_widgets.archive.write import write_isdc
from oda_widgets.errors import ArchiveError, IncompleteProduct
from oda_widgets.request.queries import ImageQuery
from tests.archive.conftest import build_window
from tests.real_data import CUT_EVENTS

PRESENT, EMPTY, SLEW = "006600220010.001", "006600230010.001", "006600230021.001"


@pytest.fixture
def archive(tmp_path: Path) -> CalibratedArchive:
    """Give a folder with a window, one without events and a slew."""
    write_isdc(build_window(PRESENT), tmp_path)
    for name in (EMPTY, SLEW):
        (tmp_path / "scw" / name[:4] / name).mkdir()
    return CalibratedArchive(IsdcArchive(tmp_path))


def query_of(*windows: str) -> ImageQuery:
    return ImageQuery(science_windows=windows, energy=(20, 40))


@pytest.mark.parametrize(
    ("identifier", "reason"),
    [
        (EMPTY, f"has no events of science window {EMPTY}"),
        (SLEW, "it is a slew or an engineering window"),
        ("123400010010", "has no events of science window 123400010010"),
        ("006600220010.009", "has no events of science window 006600220010.009"),
    ],
    ids=["without events", "slew", "never there", "another version"],
)
def test_a_missing_window_is_left_out(
    identifier: str, reason: str, archive: CalibratedArchive
) -> None:
    if identifier[:12] == PRESENT[:12]:
        write_isdc(build_window("006600240010.001"), archive.archive.root)  # type: ignore[attr-defined]
        analysis = analysis_of(query_of("006600240010", identifier), archive)
    else:
        analysis = analysis_of(query_of(PRESENT[:12], identifier), archive)
    assert len(analysis.windows) == 1
    ((skipped),) = analysis.unusable
    assert skipped.id == identifier
    assert reason in skipped.reason


def test_a_query_with_nothing_left_fails(archive: CalibratedArchive) -> None:
    with pytest.raises(ArchiveError, match="has no events of science window"):
        analysis_of(query_of(EMPTY, SLEW), archive)


def test_the_library_knows_what_was_left_out(archive: CalibratedArchive) -> None:
    site = oda.connect(archive=archive.address)
    assert site.plan(query_of(PRESENT, EMPTY)).windows == 1


@pytest.fixture
def half_readable(tmp_path: Path) -> Path:
    """Give a folder with a window of real events and two that are damaged, years apart."""
    damaged = write_isdc(build_window(PRESENT), tmp_path)
    for name, content in {
        "255900280010.001": CUT_EVENTS.read_bytes(),
        "255900290010.001": b"not found",
    }.items():
        folder = tmp_path / "scw" / name[:4] / name
        folder.mkdir(parents=True)
        (folder / "isgri_events.fits.gz").write_bytes(content)
    damaged.write_bytes(damaged.read_bytes()[:1000])
    return tmp_path


@pytest.mark.parametrize("product", ["image", "spectra", "light_curves"])
def test_a_product_that_chose_its_windows_names_those_that_it_could_not_read(
    product: str, half_readable: Path, tmp_path: Path
) -> None:
    site = oda.connect(archive=half_readable, energies="archive", executor="none")
    source = oda.SourceCatalog.of(["SGR 1935+2154"])
    makers: dict[str, Callable[[], Any]] = {
        "image": lambda: site.image("SGR 1935+2154", energy=(28, 150)),
        "spectra": lambda: site.spectra(catalog=source),
        "light_curves": lambda: site.light_curves(catalog=source, energy=(28, 150), time_bin=600),
    }
    with pytest.warns(IncompleteProduct) as told:
        found = makers[product]()
    assert any("2 science windows of the archive cannot be read" in str(w.message) for w in told)
    first = found if product == "image" else found["SGR 1935+2154"]
    assert {window.id for window in first.observation.skipped} == {PRESENT, "255900290010.001"}
    assert all(window.reason for window in first.observation.skipped)
    first.save(tmp_path / "product.fits")
    opened: Any = oda.open(tmp_path / "product.fits")
    assert opened.observation.skipped == first.observation.skipped


def test_windows_of_other_years_are_not_said_to_be_left_out(half_readable: Path) -> None:
    site = oda.connect(archive=half_readable)
    found = site.science_windows(start="2022-10-01", stop="2022-11-01")
    assert [window.id for window in found.ids.unusable] == ["255900290010.001"]
    assert [window.id for window in found.unusable] == ["255900290010.001"]
