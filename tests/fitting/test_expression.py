"""Expressions: valid ones are read, others are refused with the place."""

from __future__ import annotations

import pytest

from oda_widgets.errors import BadParameter
from oda_widgets.fitting.models.expression import components, parse


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("powerlaw", "powerlaw"),
        (" PO ", "powerlaw"),
        ("constant*(bbodyrad + compTT)", "constant*(bbodyrad + compTT)"),
        ("const*phabs(diskbb+po)", "constant*phabs*(diskbb + powerlaw)"),
        ("constant(cutoffpl + bb)", "constant*(cutoffpl + bbody)"),
        ("TBabs*cflux(po)+gaussian", "TBabs*cflux(powerlaw) + gaussian"),
        ("cflux*bkn2pow", "cflux(bkn2pow)"),
        ("cflux(po)*highecut", "cflux(powerlaw)*highecut"),
        ("constant*cflux*(po+bb)", "constant*cflux(powerlaw + bbody)"),
        ("((po))", "powerlaw"),
    ],
)
def test_expressions_are_read_as_xspec_reads_them(text: str, read: str) -> None:
    assert str(parse(text)) == read
    assert str(parse(read)) == read


def test_components_are_numbered_from_left_to_right() -> None:
    numbers = [part.number for part in components(parse("const*cflux(po + bb)+ga"))]
    assert numbers == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("powerlow", "Did you mean powerlaw"),
        ("relline", "no model 'relline'.*There are: "),
        ("comp", "may be any of compbb, compPS, compTT"),
        ("po*po", "both spectra.*Add them"),
        ("phabs+po", "phabs is a factor: it cannot be added, at >phabs\\+po<"),
        ("cflux*phabs", "only be applied to a spectrum"),
        ("phabs*constant", "no spectrum, only a factor"),
        ("cflux", "needs a spectrum to its right"),
        ("po +", "a model is missing here, at its end"),
        ("po + * bb", "a model is missing here, at >\\* bb<"),
        ("(po", 'a "\\)" is missing here'),
        ("po)", "nothing belongs here, at >\\)<"),
        ("po bb", "nothing belongs here, at >bb<"),
        ("po; import os", "';' is no part of an expression"),
        ("", "no expression"),
        ("(" * 400, "at most 300 characters"),
        ("+".join(["po"] * 30), "more than 20 models"),
    ],
)
def test_texts_that_are_not_models_are_refused_with_the_place(text: str, message: str) -> None:
    with pytest.raises(BadParameter, match=message):
        parse(text)
