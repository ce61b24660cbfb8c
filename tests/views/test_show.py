from __future__ import annotations

import pytest

from oda_widgets.errors import BadParameter
from oda_widgets.views.catalog import CatalogTable
from oda_widgets.views.download import DownloadButton
from oda_widgets.views.light_curve import LightCurveView
from oda_widgets.views.show import show
from oda_widgets.views.sky.view import SkyView
from oda_widgets.views.spectrum import SpectrumView
from tests.views import handmade


def test_each_product_has_its_view() -> None:
    assert isinstance(show(handmade.image(60), size=300), SkyView)
    assert isinstance(show(handmade.light_curve(), height=200), LightCurveView)
    assert isinstance(show(handmade.spectrum(), min_significance=5), SpectrumView)
    assert isinstance(show(handmade.catalog()), CatalogTable)


def test_other_things_are_refused() -> None:
    with pytest.raises(BadParameter, match="nothing shows a int"):
        show([5])
    with pytest.raises(BadParameter, match="nothing in it"):
        show([])


class Sent(list):
    def __call__(self, content: dict[str, object], buffers: list[bytes]) -> None:
        self.append((content, buffers))


def test_a_download_is_made_when_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    button = DownloadButton("image.fits", lambda: b"SIMPLE  =")
    sent = Sent()
    monkeypatch.setattr(button, "send", sent)
    button._handle_custom_msg({"type": "download"}, [])
    assert sent == [({"type": "file", "filename": "image.fits"}, [b"SIMPLE  ="])]


def test_a_failed_download_says_why() -> None:
    def fail() -> bytes:
        raise BadParameter("image", "x", "cannot be written", "Free some disk space.")

    button = DownloadButton("image.fits", fail)
    button.deliver()
    assert "Free some disk space." in button.problem
