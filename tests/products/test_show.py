"""The one door from products to views."""

from __future__ import annotations

import subprocess
import sys
from types import SimpleNamespace
from typing import Any

import pytest

from oda_widgets.products import show
from tests.products.examples import make_light_curve


def test_plot_asks_the_views_with_all_options(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []

    def look_up(name: str) -> Any:
        asked.append(name)
        return SimpleNamespace(show=lambda product, **options: (product, options))

    monkeypatch.setattr(show, "import_module", look_up)
    curve = make_light_curve()
    product, options = curve.plot(height=300)
    assert product is curve
    assert options == {"height": 300}
    assert asked == ["oda_widgets.views.show"]


def test_figure_gives_a_matplotlib_figure() -> None:
    from matplotlib.figure import Figure

    assert isinstance(make_light_curve().figure(columns=2), Figure)


def test_products_import_neither_astropy_nor_matplotlib() -> None:
    program = (
        "import sys, oda_widgets.products.image, oda_widgets.products.spectrum, "
        "oda_widgets.products.light_curve, oda_widgets.products.response\n"
        "sys.exit(any(name in sys.modules for name in ('astropy', 'matplotlib', 'bokeh')))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
