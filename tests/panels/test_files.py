"""The files of a product, as the page offers them."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest

from oda_widgets.errors import DataError
from oda_widgets.panels.files import ProductFiles, file_stem, fits_content, title
from oda_widgets.panels.workbench import Workbench
from oda_widgets.views.download import DownloadButton
from tests.products.examples import make_image, make_light_curve, make_spectrum


@pytest.mark.parametrize("make", [make_image, make_light_curve])
def test_a_product_is_a_fits_file(make: Any) -> None:
    assert fits_content(make()).startswith(b"SIMPLE  =")


def test_a_spectrum_comes_with_its_response() -> None:
    with zipfile.ZipFile(io.BytesIO(fits_content(make_spectrum()))) as archive:
        names = archive.namelist()
    assert len(names) == 3
    assert sum(name.endswith(("_rmf.fits", "_arf.fits")) for name in names) == 2


def test_names_of_files_are_safe() -> None:
    assert title(make_image()).startswith("Image of Crab, ISGRI, ")
    assert file_stem(make_spectrum()) == "Spectrum_of_Crab_ISGRI"
    assert not set(file_stem(make_image())) & set(' /\\:<>"')


def test_the_button_sends_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[Any] = []
    monkeypatch.setattr(DownloadButton, "send", lambda _self, *message: sent.append(message))
    files = ProductFiles(make_light_curve(), lambda: None)
    files.children[0]._receive(None, {"type": "download"}, [])
    files.children[1]._receive(None, {"type": "download"}, [])
    assert [message[0]["filename"].rsplit(".", 1)[1] for message in sent] == ["fits", "pdf"]
    assert sent[1][1][0].startswith(b"%PDF")


def test_a_file_that_cannot_be_made_is_explained() -> None:
    def fail() -> bytes:
        raise DataError("It is gone.", "Ask again.")

    button = DownloadButton("a.fits", fail)
    button.deliver()
    assert "It is gone." in button.problem


def test_the_history_tab_shows_the_latest_product(bench: Workbench) -> None:
    bench.image_selection()
    bench.results.selected_index = 3
    (place,) = bench.results._history.children
    assert "no record" in place.value
