"""Figures for publication: their labels, and the files they become."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from PIL import Image

import oda_widgets as oda
from oda_widgets.errors import BadParameter
from oda_widgets.products.product import Product
from oda_widgets.products.spectrum_data import BAD
from oda_widgets.request.catalog import SourceCatalog
from oda_widgets.request.catalog_source import CatalogSource
from oda_widgets.views import paper
from oda_widgets.views.paper.log_axis import set_rate_ticks
from oda_widgets.views.sky.stretch import Stretch
from oda_widgets.views.sky.view import SkyView
from oda_widgets.views.still import in_few_colours
from tests.products.examples import (
    CRAB,
    OBSERVATION,
    make_image,
    make_light_curve,
    make_spectrum,
)
from tests.real_data import NOTEBOOK_DATA
from tests.views import handmade

ROOT = Path(__file__).parents[2]
PRODUCTS = [make_image, make_spectrum, make_light_curve]


@cache
def rendered(make: Callable[[], Product], picture_format: str) -> bytes:
    """Return the file of a product, which is drawn once."""
    return paper.render(make(), picture_format)


def texts(product: Product, **options: Any) -> list[str]:
    """Return all that is written on a figure."""
    return texts_in(paper.render(product, "svg", **options))


def texts_in(svg: bytes) -> list[str]:
    """Return all that is written in a file."""
    parts = svg.decode().split("<text")[1:]
    return [part.split("</text>")[0].split(">", 1)[1].strip() for part in parts]


@pytest.mark.parametrize("make", PRODUCTS)
@pytest.mark.parametrize(("columns", "inches"), [(1, 3.46), (2, 7.09)])
def test_a_figure_is_as_wide_as_the_columns_of_a_page(
    make: Any, columns: int, inches: float
) -> None:
    width, height = paper.figure(make(), columns=columns).get_size_inches()
    assert width == pytest.approx(inches)
    assert 0.3 * width < height < 1.2 * width


@pytest.mark.parametrize("make", PRODUCTS)
def test_text_stays_text(make: Any) -> None:
    assert any("ISGRI" in text for text in texts_in(rendered(make, "svg")))
    content = rendered(make, "pdf")
    assert b"/Type42" in content or b"/CIDFontType2" in content
    assert b"/Subtype /Type3" not in content


@pytest.mark.parametrize("make", PRODUCTS)
@pytest.mark.parametrize("picture_format", ["pdf", "svg", "png"])
def test_equal_products_give_equal_files_and_matplotlib_stays_as_it_was(
    make: Any, picture_format: str
) -> None:
    before = dict(mpl.rcParams)
    assert paper.render(make(), picture_format) == rendered(make, picture_format)
    assert dict(mpl.rcParams) == before


def test_an_image_is_drawn_without_pyplot_the_page_and_the_fits() -> None:
    program = """
import sys
from oda_widgets.views import paper
from tests.products.examples import make_image
paper.figure(make_image())
print({"matplotlib.pyplot", "bokeh", "oda_widgets.fitting"} & set(sys.modules))
"""
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    assert done.stdout == "set()\n"


@pytest.mark.parametrize("make", PRODUCTS)
def test_simulated_data_say_so(make: Any) -> None:
    assert not any("SIMULATED" in text for text in texts_in(rendered(make, "svg")))
    simulated = replace(make(), observation=replace(OBSERVATION, simulated=True))
    assert any("SIMULATED" in text for text in texts(simulated))


def test_an_image_has_its_axes_its_bar_and_its_sources() -> None:
    inside = {"ra": 83.5, "dec": 22.1}
    catalog = SourceCatalog(
        (
            CatalogSource("NEW_1", **inside, new=True),
            CatalogSource("1A 0535+262", **inside, selected=False),
        )
    )
    written = texts(replace(make_image(), catalog=catalog))
    for expected in ("Right ascension", "Declination", "Crab", "NEW_1"):
        assert any(expected in text for text in written), expected
    assert "1A 0535+262" not in written


def test_a_target_is_named_even_if_the_catalogue_lacks_it() -> None:
    image = replace(make_image(), catalog=SourceCatalog())
    assert "Crab" in texts(image)
    assert "Crab" not in texts(replace(image, target=None))


def test_sources_outside_the_frame_leave_no_names() -> None:
    far = CatalogSource("Sco X-1", 244.98, -15.64, 100.0)
    image = replace(make_image(), catalog=SourceCatalog((far,)))
    assert "Sco X-1" not in texts(image)


def test_names_in_a_crowd_do_not_overlap() -> None:
    crowd = SourceCatalog(
        tuple(CatalogSource(f"IGR J0534{n}", 83.6 + 0.01 * n, 22.0, 50.0 - n) for n in range(12))
    )
    image = replace(make_image(), catalog=crowd, target=None)
    drawing = paper.figure(image)
    renderer = FigureCanvasAgg(drawing).get_renderer()
    drawing.draw_without_rendering()
    boxes = [
        Text.get_window_extent(text, renderer)  # without the line to its ring
        for text in drawing.axes[0].texts
        if text.get_text().startswith("IGR")
    ]
    assert len(boxes) == 12
    for index, box in enumerate(boxes):
        assert not any(box.overlaps(other) for other in boxes[index + 1 :])


def test_pixels_are_square_and_zoom_is_around_the_target() -> None:
    axes = paper.figure(make_image(), radius=0.15).axes[0]
    (left, right), (bottom, top) = axes.get_xlim(), axes.get_ylim()
    assert axes.get_aspect() == 1.0
    x, y = axes.wcs.wcs_world2pix(CRAB.ra, CRAB.dec, 0)
    assert ((left + right) / 2, (bottom + top) / 2) == pytest.approx((float(x), float(y)), abs=1e-3)
    assert right - left == pytest.approx(0.3 / 0.08228625)


def test_significance_is_cut_at_minus_three_and_above_its_peak() -> None:
    shown = paper.figure(make_image()).axes[0].images[0]
    assert shown.get_clim() == (-3.0, 8.0)
    peak = make_image().significance.copy()
    peak[3, 3] = 150
    bright = replace(make_image(), significance=peak)
    assert paper.figure(bright).axes[0].images[0].get_clim() == (-3.0, 150.0)
    assert paper.figure(bright, cuts=(0, 5)).axes[0].images[0].get_clim() == (0, 5)


@pytest.mark.parametrize("map_name", ["intensity", "variance", "exposure"])
def test_other_maps_can_be_drawn(map_name: str) -> None:
    values = getattr(make_image(), map_name).copy()
    values[4, 2] = 1.5 * np.nanmax(values)
    image = replace(make_image(), **{map_name: values})
    axes = paper.figure(image, map_name=map_name).axes[0]
    drawn = axes.images[0].get_array().filled(np.nan)
    assert np.isin(drawn[np.isfinite(drawn)], values).all()
    ra, dec = image.wcs.wcs_pix2world(2, 4, 0)
    row, column = np.unravel_index(np.nanargmax(drawn), drawn.shape)
    place = [float(value) for value in axes.wcs.wcs_world2pix(ra, dec, 0)]
    assert [column, row] == pytest.approx(place, abs=0.8)


def test_north_is_up_whatever_the_roll_of_the_spacecraft() -> None:
    image = make_image()
    assert abs(image.wcs.pixel_scale_matrix[0, 1]) > 0.01
    axes = paper.figure(image).axes[0]
    (ra_x, ra_y), (dec_x, dec_y) = axes.wcs.pixel_scale_matrix
    assert ra_x < 0 < dec_y
    assert (ra_y, dec_x) == pytest.approx((0, 0))
    assert axes.coords[0].get_axislabel_position() == ["b"]
    assert axes.coords[1].get_axislabel_position() == ["l"]


@pytest.mark.parametrize("scale", ["linear", "sqrt", "asinh"])
def test_a_figure_shows_what_the_screen_shows(scale: str) -> None:
    view = SkyView(make_image())
    view.show_map("intensity")
    view.set_stretch(Stretch(-2, 5, scale, "gray inverted"))
    view.show_catalog(SourceCatalog((CatalogSource("Renamed", CRAB.ra, CRAB.dec),)))
    axes = paper.figure(view.image, **view.paper_options).axes[0]
    shown = axes.images[0]
    assert shown.get_clim() == (-2, 5)
    assert shown.get_cmap().name == "gray_r"
    assert "Intensity" in axes.child_axes[0].get_ylabel()
    assert [text.get_text() for text in axes.texts if "Renamed" in text.get_text()] == ["Renamed"]
    places = [shown.norm(value) for value in (-2, 0, 1.5, 5)]
    assert places == pytest.approx([float(view.stretch.place(v)) for v in (-2, 0, 1.5, 5)])


def test_each_right_ascension_is_labelled_whole() -> None:
    drawing = paper.figure(handmade.image(200))
    drawing.draw_without_rendering()
    labels = drawing.axes[0].coords[0]._ticklabels.text["b"]
    assert len(labels) >= 3
    assert all("h" in label for label in labels)


def test_the_noise_of_the_edges_does_not_set_the_colours_of_an_intensity_map() -> None:
    image = handmade.image(200)
    variance = np.full(image.shape, 0.25, dtype=np.float32)
    variance[:20] = 2500.0
    intensity = np.random.default_rng(1).normal(0, np.sqrt(variance)).astype(np.float32)
    intensity[100, 100] = 40.0
    shown = (
        paper.figure(replace(image, intensity=intensity, variance=variance), map_name="intensity")
        .axes[0]
        .images[0]
    )
    low, high = shown.get_clim()
    assert low == pytest.approx(-1.5)
    assert 30 < high <= 40


@pytest.mark.parametrize("kind", ["image", "curve"])
def test_a_long_label_is_broken_and_all_of_it_is_on_the_page(kind: str) -> None:
    product = handmade.image(60) if kind == "image" else handmade.light_curve()
    observation = replace(product.observation, simulated=True, energies="lines")
    drawing = paper.figure(replace(product, observation=observation))
    drawing.draw_without_rendering()
    width, height = drawing.get_size_inches() * drawing.dpi
    axes = drawing.axes[0]
    for text in [axes._left_title, *axes.texts]:
        box = text.get_window_extent()
        assert 0 <= box.x0 < box.x1 <= width
        assert 0 <= box.y0 < box.y1 <= height


def test_an_image_of_nothing_can_be_drawn() -> None:
    nothing = np.full_like(make_image().significance, np.nan)
    image = replace(make_image(), significance=nothing)
    assert paper.render(image, "png").startswith(b"\x89PNG")


def test_time_counts_from_a_named_second() -> None:
    curve = make_light_curve()
    axes = paper.figure(curve).axes[0]
    assert axes.get_xlabel() == "Time since 2022-10-12 15:24:23 UTC (s)"
    first = axes.containers[0].lines[2][0].get_segments()[0]
    # 8320.642736401234 d IJD (TT) is 15:24:23.24 UTC; the first bin is 100 s long.
    assert first[:, 0] == pytest.approx([0.241, 100.241], abs=2e-3)


@pytest.mark.parametrize(("width", "unit"), [(100.0, "(s)"), (5000.0, "(h)"), (90000.0, "(d)")])
def test_the_unit_of_time_suits_the_length(width: float, unit: str) -> None:
    label = paper.figure(make_light_curve(width=width)).axes[0].get_xlabel()
    assert label.endswith(unit)


def test_many_bins_are_steps_that_break_at_gaps() -> None:
    axes = paper.figure(make_light_curve(400, 1.0)).axes[0]
    (line,) = [line for line in axes.lines if len(line.get_xdata()) > 2]
    assert np.isnan(line.get_ydata()).sum() == 1
    assert line.get_xdata()[-1] == pytest.approx(403.241, abs=2e-3)


def test_a_light_curve_without_bins_can_be_drawn() -> None:
    assert paper.render(make_light_curve(0), "png").startswith(b"\x89PNG")


def test_a_spectrum_is_logarithmic_and_without_bad_channels() -> None:
    spectrum = make_spectrum()
    axes = paper.figure(spectrum, min_significance=0).axes[0]
    assert (axes.get_xscale(), axes.get_yscale()) == ("log", "log")
    segments = axes.containers[0].lines[2][0].get_segments()
    assert len(segments) == 8
    assert segments[0][:, 0] == pytest.approx([spectrum.channel_low[0], spectrum.channel_high[0]])
    width = spectrum.channel_high[0] - spectrum.channel_low[0]
    assert segments[0][0, 1] == pytest.approx(spectrum.rate[0] / width)


def test_insignificant_channels_are_drawn_as_upper_limits() -> None:
    spectrum = make_spectrum()
    rate, error = spectrum.rate.copy(), spectrum.error.copy()
    rate[6:8], error[6:8] = [0.5, -0.5], 1.0
    spectrum = replace(spectrum, rate=rate, error=error)
    axes = paper.figure(spectrum, min_significance=0).axes[0]
    widths = spectrum.channel_high - spectrum.channel_low
    limits = [segment[0, 1] for segment in axes.collections[2].get_segments()]
    # 2 sigma above the rate where it is positive, and above zero where it is negative.
    assert limits == pytest.approx([2.5 / widths[6], 2.0 / widths[7]])


def test_a_spectrum_without_data_can_be_drawn() -> None:
    empty = np.full_like(make_spectrum().rate, np.nan)
    bad = np.full_like(make_spectrum().quality, BAD)
    spectrum = replace(make_spectrum(), rate=empty, error=np.full_like(empty, np.inf), quality=bad)
    assert paper.render(spectrum, "png").startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("product", "options", "message"),
    [
        (make_image(), {"columns": 3}, "Choose one of: 1, 2"),
        (make_image(), {"map_name": "residual"}, "significance, intensity, variance, exposure"),
        (replace(make_image(), target=None), {"radius": 2}, "about no source"),
        ("a string", {}, "no figure of a str"),
    ],
)
def test_products_that_cannot_be_drawn_are_refused_in_words(
    product: Any, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(BadParameter, match=message):
        paper.figure(product, **options)


def test_a_corner_plot_says_what_it_shows_with_units_and_powers_of_ten() -> None:
    spectrum = oda.Spectrum.read(NOTEBOOK_DATA / "NGC2110_ursini_spectrum_osa10.fits")
    fit = spectrum.fit("cutoffpl", energy=(22, 200))
    chain = fit.chain(40, progress=lambda _done, _wanted: None)
    drawing = chain.figure()
    labels = [axes.get_xlabel() for axes in drawing.axes]
    assert "HighECut\n(keV)" in labels
    assert not any(axes.xaxis.get_offset_text().get_text() for axes in drawing.axes)
    words = " ".join(text.get_text() for text in drawing.texts)
    assert "ISGRI" in words
    assert "68 %" in words
    assert "cutoffpl" in drawing.get_suptitle()


def test_a_map_in_few_colours_keeps_its_shades_of_grey() -> None:
    picture = paper.render(make_image(), "png", dpi=150)
    few = Image.open(BytesIO(in_few_colours(picture))).convert("RGB")
    greys = {colour for _, colour in few.getcolors(1 << 20) if max(colour) - min(colour) < 8}
    assert 40 < len(greys) <= 256


def test_how_many_sources_have_no_name_stands_below_the_frame_and_covers_no_name() -> None:
    image = handmade.image()
    rng = np.random.default_rng(1)
    places = np.array(image.shape[::-1]) / 2 + rng.normal(0, 8, (40, 2))
    crowd = [
        CatalogSource(f"IGR J17{number:03d}-2800", *map(float, radec), significance=40.0 - number)
        for number, radec in enumerate(image.wcs.wcs_pix2world(places, 0))
    ]
    drawing = paper.figure(image, catalog=SourceCatalog.of(crowd))
    [note] = [text for text in drawing.texts if "for want of room" in text.get_text()]
    renderer = FigureCanvasAgg(drawing).get_renderer()
    written = note.get_window_extent(renderer)
    assert written.y0 >= 0
    assert written.y1 < drawing.axes[0].get_tightbbox(renderer).y0 + 1
    assert not any("for want of room" in text.get_text() for text in drawing.axes[0].texts)


@pytest.mark.parametrize("low", [0.0013, 0.0031, 0.0097])
@pytest.mark.parametrize("decades", [0.4, 1.0, 1.4, 1.6, 2.0, 2.4, 3.1, 4.0])
def test_a_logarithmic_axis_is_labelled_at_three_places_or_more(low: float, decades: float) -> None:
    axes = Figure().subplots()
    axes.set_yscale("log")
    axes.set_ylim(low, low * 10**decades)
    set_rate_ticks(axes)
    first, last = axes.get_ylim()
    assert sum(first <= tick <= last for tick in axes.yaxis.get_majorticklocs()) >= 3
