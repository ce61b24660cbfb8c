"""Products show themselves, by the views, which they do not import."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from oda_widgets.errors import BadParameter
from oda_widgets.views.light_curve import LightCurveView
from oda_widgets.views.paper.publish import figure
from oda_widgets.views.show import show
from tests.products.examples import make_image, make_light_curve, make_spectrum


def test_plot_gives_the_view_with_its_options() -> None:
    curve = make_light_curve()
    view = curve.plot(height=300)
    assert isinstance(view, LightCurveView)
    assert view.curve is curve
    assert view.figure.height == 300


def test_figure_gives_a_matplotlib_figure() -> None:
    from matplotlib.figure import Figure

    assert isinstance(make_light_curve().figure(columns=2), Figure)


@pytest.mark.parametrize("make", [make_image, make_spectrum, make_light_curve])
@pytest.mark.parametrize("way", ["plot", "figure"])
def test_an_option_that_is_none_is_refused_with_those_there_are(make: Any, way: str) -> None:
    with pytest.raises(BadParameter, match=r"map='exposure': no such option\. There are: "):
        getattr(make(), way)(map="exposure")


def test_an_option_that_a_fit_has_not_is_refused_with_those_it_has() -> None:
    with pytest.raises(BadParameter, match=r"ignore='0-30': no such option\. There are: model,"):
        make_spectrum().fit("powerlaw", ignore="0-30")


@pytest.mark.parametrize("make", [make_image, make_spectrum, make_light_curve])
@pytest.mark.parametrize("way", [show, figure])
def test_every_option_of_a_product_is_documented(make: Any, way: Any) -> None:
    product = make()
    with pytest.raises(BadParameter) as caught:
        way(product, nothing=1)
    options = caught.value.advice.removeprefix("There are: ").rstrip(".").split(", ")
    method = product.plot if way is show else product.figure
    for option in options:
        assert f"``{option}``" in method.__doc__


def test_products_import_neither_astropy_nor_matplotlib() -> None:
    program = (
        "import sys, oda_widgets.products.image, oda_widgets.products.spectrum, "
        "oda_widgets.products.light_curve, oda_widgets.products.response\n"
        "sys.exit(any(name in sys.modules for name in ('astropy', 'matplotlib', 'bokeh')))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
