"""A real Chromium, and the servers that it opens."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from oda_widgets.cli.app import WORKBENCH
from tests.browser.watched import Watched
from tests.patience import PATIENCE, free_port
from tests.servers.installed import clean_environment, install_wheel
from tests.servers.of_others import module_words

ROOT = Path(__file__).parents[2]
TEMPLATES = ROOT / "oda_widgets" / "panels" / "share" / "jupyter"
FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_SLOW_PAGES = {"PageKernels": {"silent_seconds": PATIENCE}}  # as they are on a busy machine
_CHECKOUT = {"PYTHONPATH": str(ROOT), "JUPYTER_PATH": str(TEMPLATES)}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = str(Path(__file__).parent)
    for item in items:
        if str(item.path).startswith(here):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium() -> str:
    candidates = (os.environ.get("CHROMIUM"), "chromium", "google-chrome", "chromium-browser")
    found = next((path for name in candidates if name and (path := shutil.which(name))), None)
    if found is None:
        pytest.skip(
            f"no Chromium or Chrome found: looked for {', '.join(filter(None, candidates))}"
        )
    return found


# Playwright keeps an event loop running as long as it lives, and other tests must not see it.
@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    expect.set_options(timeout=PATIENCE * 1000)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield started
        started.close()


@contextmanager
def new_page(browser: Browser) -> Iterator[Watched]:
    """Open a page of its own, under observation."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    yield Watched(context.new_page())
    context.close()


@pytest.fixture
def watched(browser: Browser) -> Iterator[Watched]:
    with new_page(browser) as watched:
        yield watched


@pytest.fixture
def page(watched: Watched) -> Page:
    return watched.page


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Return an environment with nothing but the wheel and what its page needs."""
    folder = tmp_path_factory.mktemp("installed")
    yield install_wheel(folder, "app")
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def voila(installed: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the address of the workbench, which the installed wheel serves by its command.

    It holds the token; words may be added with "&".
    """
    command = [installed / "bin" / "oda-widgets", "app", "--no-browser"]
    server = _Server(command, tmp_path_factory.mktemp("voila"), clean_environment())
    with server:
        yield server.address.replace("/?", f"/voila/render/{WORKBENCH}?")


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the address of the workbench, which the command serves from this checkout."""
    command = [sys.executable, "-m", "oda_widgets", "app", "--no-browser"]
    server = _Server(command, tmp_path_factory.mktemp("app"))
    with server:
        yield server.address.replace("/?", f"/voila/render/{WORKBENCH}?")


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[str]:
    """Return the address of Jupyter's server as Binder runs it: with a prefix, and our settings."""
    (tmp_path / "config").mkdir()
    shutil.copy(ROOT / "binder" / "jupyter_config.json", tmp_path / "config")
    command = [*module_words("jupyter_server"), "--no-browser", "--allow-root"]
    command += ["--IdentityProvider.token=", f"--ServerApp.root_dir={ROOT}"]
    command += ["--ServerApp.base_url=/user/abc/"]
    command += ["--ServerApp.jpserver_extensions={'voila.server_extension': True}"]
    with _Server(command, tmp_path) as port:
        yield f"http://127.0.0.1:{port}/user/abc/"


@pytest.fixture(scope="session")
def voila_fit(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the address of the panel of the tutorial of fits, served by Voila."""
    folder = tmp_path_factory.mktemp("voila_fit")
    (folder / "data").symlink_to(ROOT / "notebooks" / "data")
    notebook = _with_cells(ROOT / "notebooks" / "tutorial_fit.ipynb", folder, ("fit", "panel"))
    command = [*module_words("voila"), notebook, "--template=oda-widgets", "--Voila.ip=127.0.0.1"]
    command += ["--VoilaExecutor.iopub_timeout=300"]
    with _Server([*command, "--no-browser"], folder) as port:
        yield f"http://127.0.0.1:{port}/"


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the address of JupyterLab with a copy of the start notebook open."""
    home = tmp_path_factory.mktemp("lab")
    folder = home / "notebooks"
    folder.mkdir()
    shutil.copy(ROOT / "notebooks" / "8_any_source.ipynb", folder)
    _without_announcements(home / "config")
    command = [*module_words("jupyterlab"), "--ip=127.0.0.1", "--no-browser", "--allow-root"]
    command += ["--IdentityProvider.token=", f"--ServerApp.root_dir={folder}"]
    with _Server(command, home) as port:
        yield f"http://127.0.0.1:{port}/lab/tree/8_any_source.ipynb"


def _with_cells(notebook: Path, folder: Path, ids: tuple[str, ...]) -> str:
    """Copy a notebook with some of its cells only, and return the copy."""
    copy = nbformat.read(notebook, as_version=4)
    copy.cells = [cell for cell in copy.cells if cell.id in ids]
    assert len(copy.cells) == len(ids)
    nbformat.write(copy, folder / notebook.name)
    return str(folder / notebook.name)


def _without_announcements(config: Path) -> None:
    """Keep JupyterLab from asking whether it may fetch its news."""
    settings = {"disabledExtensions": {"@jupyterlab/apputils-extension:announcements": True}}
    folder = config / "labconfig"
    folder.mkdir(parents=True)
    (folder / "page_config.json").write_text(json.dumps(settings))


class _Server:
    """A server of Jupyter on a free port, with settings of its own, started in a folder of its own.

    It finds its packages by `variables`; by default those of this checkout.
    """

    def __init__(
        self, command: list[str | Path], folder: Path, variables: dict[str, str] | None = None
    ) -> None:
        self._folder = folder
        (folder / "config").mkdir(exist_ok=True)
        (folder / "config" / "voila.json").write_text(json.dumps(_SLOW_PAGES))
        self._log = folder / "server.log"
        self._command = [*command, f"--port={free_port()}"]
        self._environment = {
            **(variables or os.environ | _CHECKOUT),
            "JUPYTER_CONFIG_DIR": str(folder / "config"),
            "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
            "IPYTHONDIR": str(folder / "ipython"),
        }

    def __enter__(self) -> int:
        self._stream = self._log.open("w")
        self._process = subprocess.Popen(
            self._command,
            stdout=self._stream,
            stderr=subprocess.STDOUT,
            env=self._environment,
            cwd=self._folder,
        )
        return self._wait()

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait(PATIENCE)
        self._stream.close()

    def _wait(self) -> int:
        """Return the port once it listens: another one if ours was taken meanwhile."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline and self._process.poll() is None:
            _, running, addresses = self._log.read_text().partition("running at")
            found = re.search(r"http://[^:/]+:(\d+)/\S*\n", addresses)
            if running and found:
                self.address = found[0].strip()
                return int(found[1])
            time.sleep(0.1)
        pytest.fail(f"the server did not start:\n{self._log.read_text()[-2000:]}")
