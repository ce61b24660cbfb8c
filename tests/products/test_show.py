"""Products show themselves, by the views, which they do not import."""

from __future__ import annotations

import subprocess
import sys

from oda_widgets.views.light_curve import LightCurveView
from tests.products.examples import make_light_curve


def test_plot_gives_the_view_with_its_options() -> None:
    curve = make_light_curve()
    view = curve.plot(height=300)
    assert isinstance(view, LightCurveView)
    assert view.curve is curve
    assert view.figure.height == 300


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
