"""Circles and boxes in region files of DS9."""

from __future__ import annotations

import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oda_widgets.errors import BadParameter, DamagedFile, FileWarning
from oda_widgets.products.files.region_file import MOST_SHAPES, region_content, regions_of
from oda_widgets.request.sky_region import BOX, CIRCLE, SkyRegion

LENGTHS = st.floats(1e-6, 90)
PLACES = {"ra": st.floats(0, 360, exclude_max=True), "dec": st.floats(-90, 90)}
NAMES = st.text(st.characters(exclude_categories=("C", "Z"), exclude_characters="{}"), min_size=1)
CIRCLES = st.builds(
    SkyRegion, NAMES, st.just(CIRCLE), size=st.tuples(LENGTHS), excluded=st.booleans(), **PLACES
)
BOXES = st.builds(
    SkyRegion,
    NAMES,
    st.just(BOX),
    size=st.tuples(LENGTHS, LENGTHS),
    angle=st.floats(0, 360, exclude_max=True),
    **PLACES,
)


@given(st.one_of(CIRCLES, BOXES))
def test_what_is_written_is_read_back_as_it_was(region: SkyRegion) -> None:
    assert regions_of(region_content([region])) == (region,)


def test_regions_of_other_programs_are_read() -> None:
    text = b"""# Region file format: DS9 version 4.1
global color=green dashlist=8 3 width=1 font="helvetica 10 normal roman"
icrs
circle(83.63300000,22.01400000,360.00000000") # include=0 text={Crab}
-box(05:35:00.000,+22:00:00.00,30',0.25d,45)
galactic
circle 184.5575 -5.7844 0.5
box(184.5575,-5.7844,1,1,0)
ellipse(83.6,22.0,0.1,0.2,0)
point(1,2) # point=x
"""
    with pytest.warns(FileWarning, match="3 regions of other shapes were left out"):
        crab, box, same = regions_of(text)
    assert (crab.name, crab.size) == ("Crab", (pytest.approx(0.1),))
    assert (box.ra, box.dec, box.angle) == (pytest.approx(83.75), pytest.approx(22.0), 45.0)
    assert box.excluded
    assert crab.excluded
    assert box.size == (pytest.approx(0.5), pytest.approx(0.25))
    assert (same.ra, same.dec) == (pytest.approx(83.633, abs=1e-3), pytest.approx(22.014, abs=1e-3))
    assert len({crab.name, box.name, same.name}) == 3


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("image\ncircle(10,10,5)", "not one of the sky"),
        ("fk5\nellipse(1,2,3,4)", "no circle or box"),
        ("fk5\ncircle(1,2,-3)", "no number of 0 or more"),
        ("fk5\ncircle(1,2,0)", "outside"),
        ("fk5\ncircle(1,2,nan)", "no number"),
        ("fk5\nbox(1,2,3,4,__import__)", "is no number"),
        ("fk5\ncircle(1,95,3)", "latitude|declination|outside"),
        ("fk5\ncircle(here,there,3)", "circle|region|position"),
        ("fk5\n" + "circle(1,2,3)\n" * (MOST_SHAPES + 1), f"more than {MOST_SHAPES}"),
        ("fk5\ncircle(1,2," + "9" * 20_000 + ")", "more than"),
        ("\0\1\2", "text|circle"),
    ],
    ids=str,
)
def test_a_hostile_file_is_refused_in_words(text: str, words: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FileWarning)
        with pytest.raises(DamagedFile, match=words):
            regions_of(text.encode())


def test_script_in_a_label_stays_text_of_one_line() -> None:
    (region,) = regions_of(b"fk5\ncircle(1,2,3) # text={<script>\x1b[31m alert(1)</script>}")
    assert region.name.isprintable()


@pytest.mark.parametrize(
    ("kind", "size"), [("circle", (1.0, 2.0)), ("box", (1.0,)), ("ring", (1.0,)), ("circle", (0,))]
)
def test_what_is_no_region_is_refused(kind: str, size: tuple[float, ...]) -> None:
    with pytest.raises(BadParameter):
        SkyRegion("x", kind, 1.0, 2.0, size)
