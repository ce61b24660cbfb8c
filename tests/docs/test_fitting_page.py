"""Statistics and models have the same names in the code, in docs/fitting.md and in help texts."""

from __future__ import annotations

import argparse

import pytest

import oda_widgets as oda
from oda_widgets.cli import fit as fit_verb
from oda_widgets.fitting.models.definitions import definitions
from oda_widgets.fitting.statistics import STATISTICS
from tests.docs.pages import ROOT


def first_cells(heading: str) -> str:
    """Return the first column of the table with a heading in docs/fitting.md."""
    page = (ROOT / "docs" / "fitting.md").read_text(encoding="utf-8")
    rows = page.split(f"\n| {heading} |")[1].split("\n\n")[0].splitlines()[2:]
    return ", ".join(row.split("|")[1].strip() for row in rows)


def test_the_page_names_each_model() -> None:
    assert set(first_cells("models").split(", ")) == set(definitions())


def test_the_page_names_each_statistic() -> None:
    assert first_cells("statistic").replace("`", "").split(", ") == list(STATISTICS)


@pytest.mark.parametrize("name", STATISTICS)
def test_help_and_docstring_name_each_statistic(name: str) -> None:
    verbs = argparse.ArgumentParser().add_subparsers()
    fit_verb.add_verbs(verbs)
    assert name in verbs.choices["fit"].format_help()
    assert f'"{name}"' in (oda.fit.__doc__ or "")
