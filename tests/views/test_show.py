from __future__ import annotations

from typing import Any

import pytest

from oda_widgets.errors import BadParameter
from oda_widgets.panels.apps.app import App
from oda_widgets.panels.fit_panel import FitPanel
from oda_widgets.panels.workbench import Workbench
from oda_widgets.views.catalog import CatalogTable
from oda_widgets.views.download import DownloadButton
from oda_widgets.views.light_curve import LightCurveView
from oda_widgets.views.show import _VIEWS, show
from oda_widgets.views.sky.view import SkyView
from oda_widgets.views.spectrum import SpectrumView
from oda_widgets.views.without_kernel import Pictured, WithoutKernel
from tests.views import handmade


def test_each_product_has_its_view() -> None:
    assert isinstance(show(handmade.image(60), size=300), SkyView)
    assert isinstance(show(handmade.light_curve(), height=200), LightCurveView)
    assert isinstance(show(handmade.spectrum(), min_significance=5), SpectrumView)
    assert isinstance(show(handmade.catalog()), CatalogTable)


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (handmade.image(60), "image/png"),
        (handmade.light_curve(), "image/png"),
        (handmade.spectrum(), "image/png"),
        (handmade.catalog(), "text/html"),
    ],
)
def test_a_view_leaves_in_a_saved_notebook_what_its_product_does(value: Any, kind: str) -> None:
    bundle = show(value)._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in bundle
    assert bundle[kind] == value._repr_mimebundle_()[kind]


def test_every_widget_that_notebooks_display_leaves_something_there() -> None:
    views = {made for made in _VIEWS.values() if isinstance(made, type)}
    assert len(views) > 8
    for made in views | {Workbench, App, FitPanel}:
        assert issubclass(made, WithoutKernel)
    assert all(issubclass(made, Pictured) for made in views - {CatalogTable})
    needs = Workbench.still.fget(Workbench)["text/html"]  # that of the class: it has no site
    assert "running kernel" in needs


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
