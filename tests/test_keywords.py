"""A keyword or a word that is not known is answered with the nearest one."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import pytest

import oda_widgets as oda
from oda_widgets.cli.main import main
from oda_widgets.errors import ArchiveError, BadParameter, UnknownKeyword
from tests.fitting.instruments import ngc_2110
from tests.products.examples import make_light_curve


@pytest.mark.parametrize(
    ("call", "nearest"),
    [
        (lambda: oda.connect(archive="sample").image("Crab", enrgy=(20, 40)), "energy"),
        (lambda: oda.connect(archiv="sample"), "archive"),
        (lambda: oda.fit(ngc_2110(), "powerlaw", enrgy=(20, 40)), "energy"),
        (lambda: ngc_2110().fit("powerlaw", enrgy=(20, 40)), "energy"),
        (lambda: make_light_curve(7).rebin(second=10), "seconds"),
        (lambda: make_light_curve(7).intervals(abov=10), "above"),
        (lambda: oda.LightCurve.read("curve.fits", sorce="Crab"), "source"),
    ],
)
def test_the_nearest_keyword_is_suggested(call: Callable[[], Any], nearest: str) -> None:
    with pytest.raises(UnknownKeyword, match=rf"Did you mean {nearest}=\?") as caught:
        call()
    assert isinstance(caught.value, TypeError)
    assert isinstance(caught.value, BadParameter)


def test_signatures_are_those_that_were_written() -> None:
    assert "energy" in inspect.signature(oda.Site.image).parameters
    assert next(iter(inspect.signature(oda.LightCurve.read).parameters)) == "path"
    assert (oda.fit.__doc__ or "").startswith("Fit ")


@pytest.mark.parametrize(
    ("word", "advice"),
    [
        ("smaple", 'Did you mean "sample"?'),
        ("simulatd", 'Did you mean "simulated"?'),
        ("heasrc", 'Did you mean "heasarc"?'),
        ("nowhere", '"sample", "simulated", "heasarc" and "isdc"'),
    ],
)
def test_the_nearest_archive_is_suggested(word: str, advice: str) -> None:
    with pytest.raises(ArchiveError) as caught:
        oda.connect(archive=word)
    assert advice in caught.value.advice


def test_what_is_no_spectrum_is_called_so() -> None:
    curve: Any = make_light_curve(7)
    for given in (curve, [curve]):
        with pytest.raises(BadParameter, match="a LightCurve is no spectrum") as caught:
            oda.fit(given, "powerlaw")
        assert "site.spectra(" in caught.value.advice


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["image", "Crab", "--enrgy", "20", "40"], "Did you mean --energy? See 'oda-widgets image"),
        (["fit", "powerlaw", "x.fits", "--statistics=chi2"], "Did you mean --statistic?"),
    ],
)
def test_the_nearest_flag_is_suggested(
    words: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(words)
    assert message in capsys.readouterr().err
