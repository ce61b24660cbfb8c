"""The documentation site builds without a warning and without the network, and says what holds."""

from __future__ import annotations

import re
import subprocess
from html import unescape
from importlib import import_module
from pathlib import Path

import pytest

import oda_widgets as oda
from scripts import draw_rooms, write_reference
from tests.docs.pages import ROOT
from tests.patience import PATIENCE
from tests.servers.of_others import module_words

DOCS = ROOT / "docs"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the site, with tutorials that are not run: another test runs the notebooks."""
    folder = tmp_path_factory.mktemp("site")
    words = ["-b", "html", "-q", "-n", "-W", "--keep-going", "-D", "nb_execution_mode=off"]
    folders = ["-d", folder / "doctrees", DOCS, folder / "html"]
    command = [*module_words("sphinx"), *words, *folders]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 0, done.stderr
    assert not done.stderr
    return folder / "html"


def test_each_public_name_has_a_page_with_its_text(site: Path) -> None:
    for name in set(oda.__all__) - {"__version__"}:
        page = (site / "api" / f"oda_widgets.{name}.html").read_text(encoding="utf-8")
        first_line = str(getattr(oda, name).__doc__).strip().splitlines()[0]
        text = unescape(re.sub(r"<[^>]+>", "", page)).replace(
            "\N{RIGHT SINGLE QUOTATION MARK}", "'"
        )
        assert first_line.replace("`", "") in text


def test_the_reference_lists_each_public_name_once(site: Path) -> None:
    index = (site / "api" / "index.html").read_text(encoding="utf-8")
    [_, *tables] = re.split(r"<table[^>]*autosummary", index)
    rows = [link for table in tables for link in re.findall(r'<tr[^>]*>.*?title="([^"]+)"', table)]
    assert len(rows) == len(set(rows))
    assert {f"oda_widgets.{name}" for name in oda.__all__ if name != "__version__"} <= set(rows)


def test_the_page_of_a_class_sums_its_methods_up(site: Path) -> None:
    page = (site / "api" / "oda_widgets.Site.html").read_text(encoding="utf-8")
    [_, table] = re.split(r"<table[^>]*autosummary", page)
    listed = re.findall(r'<tr[^>]*>.*?title="oda_widgets\.Site\.(\w+)"', table.split("</table>")[0])
    assert listed == [name for name, value in vars(oda.Site).items()
                      if not name.startswith("_") and callable(value)]  # fmt: skip


def test_nothing_is_fetched_from_elsewhere(site: Path) -> None:
    fetched = re.compile(r"<(?:script|link|img)\b[^>]*(?:src|href)=\"https?://", re.IGNORECASE)
    pages = list(site.rglob("*.html"))
    assert len(pages) > 40
    assert not [page.name for page in pages if fetched.search(page.read_text(encoding="utf-8"))]


def test_formulas_are_drawn_by_the_browser(site: Path) -> None:
    assert (site / "physics.html").read_text(encoding="utf-8").count("<math") > 20


@pytest.mark.parametrize("path", ["settings.md", "cli.md"])
def test_the_reference_is_that_of_the_code(path: str) -> None:
    page = DOCS / path
    assert page.read_text(encoding="utf-8") == write_reference.pages()[page]


def test_links_of_the_readme_lead_somewhere() -> None:
    for name in ("README.md", "CONTRIBUTING.md"):
        text = (ROOT / name).read_text(encoding="utf-8")
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", text):
            assert (ROOT / target).exists(), f"{name}: {target}"


def test_the_readme_is_for_newcomers() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 130


def test_citation_and_changelog_have_the_version_of_the_package() -> None:
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert f"\nversion: {oda.__version__}\n" in citation
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    released = re.findall(r"^## \[(\d+\.\d+\.\d+)\]", changelog, re.MULTILINE)
    assert released[0] == oda.__version__


@pytest.mark.parametrize("drawing", draw_rooms.DRAWINGS, ids=str)
def test_drawings_are_those_of_their_script(drawing: str) -> None:
    assert (DOCS / drawing).read_text(encoding="utf-8") == draw_rooms.DRAWINGS[drawing]()


def test_each_module_that_contributing_names_is_there() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`([a-z_]+(?:/[a-z_]+)*(?:\.py|/))[`:]", text))
    assert len(named) > 30
    package = ROOT / "oda_widgets"
    assert not [
        name for name in named if not (package / name).exists() and not (ROOT / name).exists()
    ]


def test_the_map_of_new_things_names_rooms() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    rooms = {room for layer in draw_rooms.layers() for room in layer}
    table = text.split("| a new ...")[1].split("\n\n")[0]
    named = {
        re.split(r"[/.]", place)[0]
        for place in re.findall(r"^\| [^|]+\| `([^`]+)`", table, re.MULTILINE)
    }
    assert named <= rooms | {"docs", "__init__"}
    assert rooms - named <= {"abilities", "arrays", "wiring", "version", "files", "provenance"}


@pytest.mark.parametrize("script", sorted((ROOT / "scripts").glob("*.py")), ids=lambda s: s.stem)
def test_each_script_can_be_imported(script: Path) -> None:
    import_module(f"scripts.{script.stem}")


@pytest.mark.parametrize("page", ["validation.md", "benchmarks.md"])
def test_the_readme_repeats_what_was_measured(page: str) -> None:
    readme = " ".join((ROOT / "README.md").read_text(encoding="utf-8").split())
    measured = re.findall(r"\*\*(\d+ of \d+) req", (DOCS / page).read_text(encoding="utf-8"))
    assert measured
    assert all(result in readme for result in measured)
