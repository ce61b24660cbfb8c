"""Identifiers of science windows."""

from __future__ import annotations

import pickle
from copy import copy
from dataclasses import replace
from math import nan

import pytest

from oda_widgets.errors import BadParameter
from oda_widgets.request.queries import ImageQuery
from oda_widgets.request.science_windows import (
    Identifiers,
    ScienceWindow,
    ScienceWindowList,
    parse_identifiers,
)

WINDOW = ScienceWindow("255900280010.001", 8320.63, 8320.67, 286.8, 20.3, 199.4, -6.9, 3548.0)


def test_identifiers_are_given_in_any_of_the_usual_forms() -> None:
    both = ("255900280010.001", "066500330010")
    assert parse_identifiers(both) == both
    assert parse_identifiers("255900280010.001, 066500330010") == both
    assert parse_identifiers([WINDOW]) == (WINDOW.id,)
    assert parse_identifiers(WINDOW) == (WINDOW.id,)
    assert parse_identifiers(ScienceWindowList((WINDOW,), 1, "here")) == (WINDOW.id,)


@pytest.mark.parametrize(
    "value",
    ["25590028001", "../../etc/passwd", "255900280010.1", "", [], 7, ["255900280010/.."]],
)
def test_malformed_identifiers_are_refused(value: object) -> None:
    with pytest.raises(BadParameter, match="science_windows"):
        parse_identifiers(value)


def test_a_window_is_asked_for_once_whatever_its_version() -> None:
    with pytest.raises(BadParameter, match="Give each science window once"):
        parse_identifiers(["255900280010.001", "255900280010"])


def test_a_choice_at_random_is_remembered_and_changes_nothing_else() -> None:
    ids = ScienceWindowList((WINDOW,), 1240, "archive X").ids
    assert ids == (WINDOW.id,)
    for chosen in (parse_identifiers(ids), pickle.loads(pickle.dumps(ids)), copy(ids)):
        assert isinstance(chosen, Identifiers)
        assert chosen.available == 1240
    plain, random = (ImageQuery(science_windows=windows) for windows in ((WINDOW.id,), ids))
    assert plain == random
    assert plain.identity == random.identity


def test_a_whole_mission_is_listed_and_a_part_of_it_asked() -> None:
    many = [f"{number:012d}" for number in range(100_000)]
    assert len(parse_identifiers(many)) == 100_000
    assert len(ImageQuery(science_windows=tuple(many[:10_000])).science_windows) == 10_000
    with pytest.raises(BadParameter, match=r"100000 science windows, more than 10000 at once\. "):
        ImageQuery(science_windows=tuple(many))


def test_a_list_says_how_many_there_were_and_who_answered() -> None:
    windows = ScienceWindowList((WINDOW,), 1240, "archive X")
    assert repr(windows).startswith("ScienceWindowList: 1 science window of 1,240, from archive X")
    assert str(windows) == repr(windows)
    assert windows.table["id"][0] == WINDOW.id
    assert WINDOW.revolution == 2559


def test_good_time_that_no_service_tells_is_left_out_of_the_words() -> None:
    untold = replace(WINDOW, good_time=nan)
    assert "good time" not in repr(ScienceWindowList((untold,), 1, "here"))
    mixed = repr(ScienceWindowList((WINDOW, untold), 2, "here"))
    assert f"{WINDOW.good_time:,.0f} s of good time in 1 of them, else not told" in mixed
