"""Notebooks whose one line of connection names a dispatcher: ours, and the real one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import oda_widgets as oda
from oda_widgets.backend.dispatcher import window_services
from oda_widgets.panels.apps import App
from oda_widgets.panels.apps.answer import Run
from scripts.apps import NOTEBOOKS, app_notebooks, opened
from tests.servers.our_server import OurServer

_CONNECTS = re.compile(r"oda\.connect\([^)]*\)")
REAL_EVENTS = ("6_magnetar", "7_grb")  # the bundled sample has what they ask for
SIMULATED = [path for path in app_notebooks() if path.stem not in REAL_EVENTS]


@contextmanager
def connected(name: str, address: str, folder: Path, words: str = "") -> Iterator[App]:
    """Yield the app of a notebook whose line of connection is changed, and nothing else."""
    for beside in ("data", "recorded"):
        (folder / beside).symlink_to(NOTEBOOKS / beside)
    text = (NOTEBOOKS / f"{name}.ipynb").read_text()
    changed, number = _CONNECTS.subn(f"oda.connect('{address}', token=''{words})", text)
    assert number == 1
    (folder / f"{name}.ipynb").write_text(changed)
    with opened(folder / f"{name}.ipynb") as app:
        yield app


def figures(app: App) -> tuple[list[str], str]:
    """Return the figures that a notebook draws with few windows, and why it ends, if it does."""
    few = {name: one.options[-1][1] for name, one in app.controls.items() if name == "windows"}
    drawn: list[str] = []
    parts = Run(app.function, app.site, dict(app.choices) | few).parts()
    try:
        drawn.extend(part.figure for part in parts)
    except oda.OdaError as error:
        return drawn, str(error)
    return drawn, ""


def recorded(name: str) -> list[str]:
    """Return the figures of the recording of a notebook."""
    with opened(NOTEBOOKS / f"{name}.ipynb") as app:
        return [part.figure for part in app.parts]


def test_a_burst_is_drawn_from_our_server(sample_server: OurServer, tmp_path: Path) -> None:
    with connected("7_grb", sample_server.address, tmp_path) as app:
        assert figures(app) == (recorded("7_grb"), "")


def test_a_magnetar_is_drawn_as_far_as_dispatchers_answer(
    sample_server: OurServer, tmp_path: Path
) -> None:
    """They analyse whole science windows only; the notebook goes on with intervals of one."""
    with connected("6_magnetar", sample_server.address, tmp_path) as app:
        drawn, said = figures(app)
    assert drawn == ["Light curve"]
    assert "dispatchers analyse whole science windows only" in said


@pytest.mark.slow
@pytest.mark.parametrize("path", SIMULATED, ids=lambda path: path.stem)
def test_all_figures_are_drawn_from_our_server(
    path: Path, default_server: OurServer, tmp_path: Path
) -> None:
    with connected(path.stem, default_server.address, tmp_path) as app:
        assert figures(app) == (recorded(path.stem), "")


# The products of the kit are synthetic: whatever is asked, they are of the Crab in 20 to 40 keV.
AT_THE_REAL_ONE = {
    "2_v404": (["Figure 10"], "V404 Cyg': was not among the fitted sources"),
    "3_gx_5_1": ([], "no image of this energy band"),
    "5_ngc2110": ([], "NGC 2110': no such source"),
    "7_grb": ([], 'instrument: "spi_acs", known: '),
}


@pytest.mark.parametrize("name", AT_THE_REAL_ONE)
def test_the_real_dispatcher_is_asked_as_far_as_it_answers(
    name: str,
    real_dispatcher: str,
    default_server: OurServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The kit lists no science windows, and takes OSA10.2; it ends in words, never in a fault."""
    services = f"{default_server.address}/gw/timesystem"
    monkeypatch.setattr(window_services, "PUBLIC_SERVICE", services)
    words = ", osa_version='OSA10.2'"
    with connected(name, real_dispatcher, tmp_path, words) as app:
        drawn, said = figures(app)
    expected, why = AT_THE_REAL_ONE[name]
    assert drawn == expected
    assert why in said
