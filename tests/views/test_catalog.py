from __future__ import annotations

import pytest

from oda_widgets.errors import BadParameter, DamagedFile, OdaError
from oda_widgets.request.catalog import SourceCatalog
from oda_widgets.views.catalog import CatalogTable
from oda_widgets.views.catalog_rows import from_rows, to_rows
from tests.views import handmade
from tests.views.wire import change, edit_cell, open_view


class Listener:
    def __init__(self) -> None:
        self.catalogs: list[SourceCatalog] = []
        self.sources: list[str] = []


@pytest.fixture
def heard() -> Listener:
    return Listener()


@pytest.fixture
def table(heard: Listener) -> CatalogTable:
    made = CatalogTable(handmade.catalog(), heard.catalogs.append, heard.sources.append)
    open_view(made.pane)
    return made


def test_rows_are_read_back_as_the_same_catalogue() -> None:
    catalog = handmade.catalog()
    again = from_rows(catalog, to_rows(catalog))
    assert again == catalog
    assert again[0].ra == catalog[0].ra  # every digit, although the table shows four


def test_typing_a_name_changes_the_catalogue_once(table: CatalogTable, heard: Listener) -> None:
    edit_cell(table.pane, table._rows, "name", 0, "Bella dd x-1")
    assert [catalog.names[0] for catalog in heard.catalogs] == ["Bella dd x-1"]
    assert table.catalog[0].significance == 48.2


def test_a_position_may_be_typed_in_degrees_or_hours(table: CatalogTable) -> None:
    edit_cell(table.pane, table._rows, "ra", 0, "19:34:55.68")
    edit_cell(table.pane, table._rows, "dec", 0, "\N{MINUS SIGN}21.5°")
    assert table.catalog[0].ra == pytest.approx(293.732)
    assert table.catalog[0].dec == -21.5
    assert table._rows.data["ra"][0] == "293.7320"


def test_a_tick_leaves_a_source_out(table: CatalogTable, heard: Listener) -> None:
    edit_cell(table.pane, table._rows, "selected", 1, value=False)
    assert "Cyg X-1" not in heard.catalogs[-1].selected


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        ("name", "Cyg X-1", "two sources are called Cyg X-1"),
        ("name", "  ", "no name"),
        ("ra", "north", "not an angle"),
        ("ra", "361", "outside 0 to 360"),
        ("dec", "-91", "outside -90 to 90"),
        ("dec", "nan", "not an angle"),
    ],
)
def test_a_wrong_edit_is_explained_and_left_to_be_corrected(
    table: CatalogTable, heard: Listener, column: str, value: str, words: str
) -> None:
    edit_cell(table.pane, table._rows, column, 0, value)
    assert words in table.message.value
    assert table._rows.data[column][0] == value
    assert table.catalog == handmade.catalog()
    assert heard.catalogs == []
    edit_cell(table.pane, table._rows, column, 0, to_rows(table.catalog)[column][0])
    assert table.message.value == ""


def test_buttons_and_methods(table: CatalogTable, heard: Listener) -> None:
    table.drop_new()
    assert table.catalog.names == ("SGR 1935+2154", "Cyg X-1", "GRS 1915+105")
    table.brighter_than(20)
    assert table.catalog.names == ("SGR 1935+2154", "Cyg X-1")
    table.add("Cyg X-3")
    assert table.catalog.names[-1] == "Cyg X-3"
    table.highlight("Cyg X-3")
    table.delete()
    assert table.catalog.names == ("SGR 1935+2154", "Cyg X-1")
    table.toggle()
    assert len(table.catalog.selected) == 0
    table.toggle()
    assert len(heard.catalogs) == 6


def test_deleting_nothing_says_how_to_choose(table: CatalogTable) -> None:
    with pytest.raises(BadParameter, match="Click a row"):
        table.delete()
    delete = table.children[0].children[1]
    delete.click()
    assert "no row is chosen" in table.message.value


def test_choosing_a_row_names_its_source(table: CatalogTable, heard: Listener) -> None:
    change(table.pane, table._rows.selected, "indices", [2])
    assert heard.sources == ["GRS 1915+105"]
    table.highlight("Cyg X-1")
    assert table.chosen == ("Cyg X-1",)
    assert heard.sources == ["GRS 1915+105"]


def test_a_renamed_row_stays_chosen(table: CatalogTable) -> None:
    change(table.pane, table._rows.selected, "indices", [2])
    edit_cell(table.pane, table._rows, "name", 2, "Microquasar")
    assert table.chosen == ("Microquasar",)


def test_an_empty_table_can_be_filled() -> None:
    table = CatalogTable()
    table.add("293.7 +21.9")
    assert (table.catalog[0].ra, table.catalog[0].dec) == (293.7, 21.9)


@pytest.mark.parametrize("name", ["SGR 1935+2154", "293.74 21.89"])
def test_a_second_source_at_one_place_is_refused(
    table: CatalogTable, heard: Listener, name: str
) -> None:
    with pytest.raises(BadParameter, match="arcmin from SGR 1935"):
        table.add(name)
    assert heard.catalogs == []


def test_a_source_that_no_one_knows_is_explained(table: CatalogTable) -> None:
    name, add = table.children[0].children[0].children
    name.value = "Nibiru <b>X-1"
    add.click()
    assert "Nibiru &lt;b&gt;X-1" in table.message.value
    assert name.value == "Nibiru <b>X-1"


def test_whoever_uses_the_catalogue_hears_of_a_wrong_edit_and_of_its_correction() -> None:
    problems: list[OdaError] = []
    catalogs: list[SourceCatalog] = []
    table = CatalogTable(handmade.catalog(), catalogs.append, on_problem=problems.append)
    edit_cell(table.pane, table._rows, "dec", 0, "-91")
    assert len(problems) == 1
    edit_cell(table.pane, table._rows, "dec", 0, "+21.8967")
    assert catalogs == [handmade.catalog()]


def test_texts_from_outside_are_escaped(table: CatalogTable) -> None:
    edit_cell(table.pane, table._rows, "ra", 0, "<script>alert(1)</script>")
    assert "<script>" not in table.message.value


@pytest.mark.parametrize("suffix", [".reg", ".csv", ".fits"])
def test_a_catalogue_leaves_as_a_file_and_comes_back(table: CatalogTable, suffix: str) -> None:
    content = table.content(suffix)
    table.drop_new()
    table.read(f"mine{suffix}", content)
    assert table.catalog.names == handmade.catalog().names
    assert table.catalog[0].ra == pytest.approx(handmade.catalog()[0].ra, abs=1e-4)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("x.reg", b"<script>alert(1)</script>", "circle"),
        ("x.reg", b"physical\ncircle(1,2,3)", "frame physical"),
        ("x.exe", b"MZ", "unknown file extension"),
        ("", b"", "unknown file extension"),
    ],
)
def test_a_hostile_catalogue_is_refused_without_a_path_of_ours(
    table: CatalogTable, heard: Listener, name: str, content: bytes, words: str
) -> None:
    with pytest.raises(DamagedFile, match=words) as refused:
        table.read(name, content)
    assert "tmp" not in str(refused.value)
    assert heard.catalogs == []


def test_rows_are_found_by_a_part_of_their_name(table: CatalogTable, heard: Listener) -> None:
    table.find("grs")
    assert table.chosen == ("GRS 1915+105",)
    assert heard.sources == []
    with pytest.raises(BadParameter, match="no name"):
        table.find("Nibiru")
    table.find("")
    assert table.chosen == ()


def test_a_place_is_added_unless_a_source_is_there(table: CatalogTable) -> None:
    table.add_at(290.0, 20.0)
    assert len(table.catalog) == 5
    table.add_at(290.0, 20.0)
    assert len(table.catalog) == 5
    assert "too near" in table.message.value
