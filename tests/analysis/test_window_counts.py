"""A window is read once: images and spectra start from its counts, and are what events give."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import oda_widgets as oda
from oda_widgets.analysis import window_image, window_spectra
from oda_widgets.analysis.calibrated_archive import CalibratedArchive
from oda_widgets.archive.isdc import IsdcArchive
from oda_widgets.cli.main import main

pytestmark = pytest.mark.usefixtures("cache")

FIELD = "GX 5-1"
WINDOWS = 6


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Give the list of the windows whose files were read."""
    windows: list[str] = []
    events = IsdcArchive.events

    def spy(archive: IsdcArchive, identifier: str) -> Any:
        windows.append(identifier)
        return events(archive, identifier)

    monkeypatch.setattr(IsdcArchive, "events", spy)
    return windows


@contextlib.contextmanager
def from_events() -> Iterator[None]:
    """Let images and spectra start from events, and measure the pixels for light curves."""
    calibrated = CalibratedArchive.events
    with pytest.MonkeyPatch.context() as patch:
        for module in (window_image, window_spectra):
            patch.setattr(module, "counts_for", lambda *_: ())
        patch.setattr(
            CalibratedArchive, "events", lambda self, name, _=None: calibrated(self, name)
        )
        yield


def arrays_of(product: Any) -> dict[str, Any]:
    """Return the numbers of a product."""
    names = ("intensity", "variance", "significance", "exposure", "rate", "error")
    return {name: getattr(product, name) for name in names if hasattr(product, name)}


def same_to_the_bit(make: Callable[[], dict[str, Any]]) -> None:
    """Check that products made from counts are those made from events."""
    found = make()
    with from_events():
        expected = make()
    assert found.keys() == expected.keys()
    for name, product in found.items():
        for what, values in arrays_of(product).items():
            np.testing.assert_array_equal(values, arrays_of(expected[name])[what], f"{name} {what}")
        if isinstance(product, oda.SkyImage):
            assert list(product.catalog) == list(expected[name].catalog)


def test_another_band_and_spectra_read_no_events(three_windows: Path, read: list[str]) -> None:
    site = oda.connect(archive=three_windows)
    windows = site.science_windows()
    image = site.image(windows=windows, energy=(28, 80))
    assert read == list(windows.ids)
    again = oda.connect(archive=three_windows)
    again.image(windows=windows, energy=(40, 60))
    again.spectra(windows, catalog=oda.SourceCatalog.of(image.catalog[:1]))
    assert read == list(windows.ids)
    assert "ISGRICounts" in [step.name for step in image.provenance.nodes]


def test_light_curves_and_parts_of_windows_and_odd_bands_read_them(
    three_windows: Path, read: list[str]
) -> None:
    site = oda.connect(archive=three_windows)
    (first, *_) = site.science_windows().ids
    site.image(windows=first, energy=(28, 80))
    image = oda.connect(archive=three_windows).image(windows=first, energy=(28.3, 80))
    assert read == [first, first]
    assert "ISGRICounts" not in [step.name for step in image.provenance.nodes]
    site = oda.connect(archive=three_windows)
    catalog = oda.SourceCatalog.of(image.catalog[:1])
    site.light_curves(first, catalog=catalog, energy=(28, 80), time_bin=10)
    assert read == [first, first, first]


def products_of(archive: str | Path, energy: tuple[float, float]) -> dict[str, Any]:
    """Return images, spectra and light curves of an archive, computed anew."""
    site = oda.connect(archive=archive)
    windows = site.science_windows()
    image = site.image(windows=windows, energy=energy)
    catalog = oda.SourceCatalog.of(image.catalog[:12])
    spectra = site.spectra(windows, catalog=catalog)
    curves = site.light_curves(windows, catalog=catalog, energy=energy, time_bin=100)
    named = {f"spectrum of {name}": spectrum for name, spectrum in spectra.items()}
    named |= {f"light curve of {name}": curve for name, curve in curves.items()}
    return {"image": image, **named}


def test_counts_change_no_number(three_windows: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ODA_WIDGETS_STORE_LIMIT", "0")
    same_to_the_bit(lambda: products_of(three_windows, (28, 80)))


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:The flux of:oda_widgets.errors.IncompleteProduct")
def test_counts_change_no_number_in_a_crowded_field_and_in_the_real_window(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Images, spectra and light curves of six windows of the field of GX 5-1, and of the sample."""
    monkeypatch.setenv("ODA_WIDGETS_STORE_LIMIT", "0")
    words = ["--source", FIELD, "--radius", "4", "--windows", str(WINDOWS)]
    assert main(["simulate", *words, "--out", str(tmp_path / "field")]) == 0
    same_to_the_bit(lambda: products_of(tmp_path / "field", (20, 40)))
    same_to_the_bit(lambda: products_of("sample", (28, 150)))
