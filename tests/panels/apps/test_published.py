"""Published numbers and truths beside those of an app; what is beyond 3 sigma is marked."""

from __future__ import annotations

from math import nan
from pathlib import Path

import pytest

from oda_widgets.errors import DamagedFile
from oda_widgets.panels.apps.comparison_table import comparison_table
from oda_widgets.panels.apps.estimate import Estimate
from oda_widgets.panels.apps.published import Comparison, Reference, compared, read_references

TABLE = """# A comment.
figure,quantity,unit,truth,published,minus,plus,source
Table 1,kT,keV,2.05,2.5,0.1,0.2,"Paizis et al. 2005, table 2"
Figure 2,sources,,,25,,,
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "1_target.csv"
    path.write_text(TABLE, encoding="utf-8")
    return path


def test_a_file_holds_truth_published_number_and_source(path: Path) -> None:
    known = read_references(path).known("Table 1", "kT", {})
    assert (known.unit, known.truth, known.published) == ("keV", 2.05, Estimate(2.5, 0.1, 0.2))
    assert known.source == "Paizis et al. 2005, table 2"


def test_without_a_file_nothing_is_known(tmp_path: Path) -> None:
    assert read_references(tmp_path / "none.csv").quantities == frozenset()


@pytest.mark.parametrize("change", [("2.05", "two"), ("truth", "verity")])
def test_a_file_that_cannot_be_read_is_named(path: Path, change: tuple[str, str]) -> None:
    path.write_text(TABLE.replace(*change), encoding="utf-8")
    with pytest.raises(DamagedFile, match=r"1_target\.csv.*columns figure, quantity"):
        read_references(path)


def test_the_truth_counts_where_there_is_one(path: Path) -> None:
    [row] = compared("Table 1", {"kT": Estimate(2.1, 0.05, 0.05)}, read_references(path), {})
    assert row.from_truth == pytest.approx(1.0)
    assert row.from_published == pytest.approx(-0.4 / (0.05**2 + 0.1**2) ** 0.5)
    assert not row.missed


def test_published_intervals_of_90_percent_are_compared_as_such(path: Path) -> None:
    head, rest = TABLE.split("source\n", 1)
    text = f"{head}source,level,note\n{rest}".replace('table 2"', 'table 2",0.9,Another band.')
    path.write_text(text.replace("2.05", ""), encoding="utf-8")
    [row] = compared("Table 1", {"kT": Estimate(2.6, 0.05, 0.05)}, read_references(path), {})
    assert row.from_published == pytest.approx(
        0.1 / (0.05**2 + (0.2 / 1.645) ** 2) ** 0.5, rel=1e-3
    )
    html = comparison_table([row]).value
    assert "2.50 −0.10 +0.20 (90 %)" in html
    assert "Another band." in html


def test_without_a_truth_the_published_number_counts() -> None:
    known = Reference("Figure 1", "rate", published=Estimate(1.0, 0.1, 0.1))
    assert Comparison(known, Estimate(1.5, 0.1, 0.1)).missed
    assert not Comparison(Reference("Figure 1", "rate"), Estimate(1.5, 0.1, 0.1)).missed


def test_the_table_marks_what_was_missed_and_leaves_empty_columns_out() -> None:
    known = Reference("Figure 1", "a<b", truth=1.0)
    html = comparison_table([Comparison(known, Estimate(2.0, 0.1, 0.1))]).value
    assert "<mark>+10.0 missed</mark>" in html
    assert "published" not in html
    assert "a&lt;b" in html


def test_a_deviation_from_the_published_number_is_not_missed_where_there_is_a_truth() -> None:
    known = Reference("Figure 1", "rate", truth=2.0, published=Estimate(1.0, 0.1, 0.1))
    html = comparison_table([Comparison(known, Estimate(2.0, 0.1, 0.1))]).value
    assert "missed" not in html


def test_without_numbers_there_is_no_table() -> None:
    assert comparison_table([]).value == ""
    assert (
        "–" in comparison_table([Comparison(Reference("F", "q", truth=nan), Estimate(nan))]).value
    )


FOR_CHOICES = """figure,quantity,unit,truth,published,minus,plus,source,note,for,words
F,rate,counts/s,5,,,,,{windows} windows.,windows=50; model=hot,mean rate
F,rate,counts/s,,7,1,1,,"{windows} of 50, {none}.",model=hot,mean rate
"""


@pytest.mark.parametrize(
    ("choices", "truth", "note"),
    [
        ({"windows": 50, "model": "hot"}, 5.0, "50 windows."),
        ({"windows": 3, "model": "hot"}, nan, "3 of 50, {none}."),
        ({"windows": 50, "model": "cold"}, nan, ""),
    ],
)
def test_a_row_holds_for_its_choices_only_and_says_them(
    path: Path, choices: dict[str, object], truth: float, note: str
) -> None:
    path.write_text(FOR_CHOICES, encoding="utf-8")
    known = read_references(path).known("F", "rate", choices)
    assert (known.truth, known.note) == (pytest.approx(truth, nan_ok=True), note)
    assert (known.unit, known.words) == ("counts/s", "mean rate")


def test_a_condition_that_cannot_be_read_is_named(path: Path) -> None:
    path.write_text(FOR_CHOICES.replace("model=hot", "hot"), encoding="utf-8")
    with pytest.raises(DamagedFile, match="name=value"):
        read_references(path)


def test_a_file_in_another_encoding_is_named(path: Path) -> None:
    path.write_bytes(TABLE.replace("Paizis", "Pa\u00efzis").encode("latin-1"))
    with pytest.raises(DamagedFile, match=r"1_target\.csv is no text in UTF-8 .* UTF-8"):
        read_references(path)
