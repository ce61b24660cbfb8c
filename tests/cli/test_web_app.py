"""The door of the web app: a token, a name, no page of another site, no more kernels than pages."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import nbformat
import pytest

from oda_widgets.cli.app import WORKBENCH, voila_words

ROOT = Path(__file__).parents[2]
EVIL = "import os; open(os.path.join(os.path.dirname(__file__), 'imported'), 'w').close()\n"
ADDRESS = re.compile(r"(http://127\.0\.0\.1:\d+)/\S*\?token=(\w+)")
KERNELS = {"PageKernels": {"most_pages": 3, "silent_seconds": 2.0, "look_seconds": 0.3}}
PAGE = f"/voila/render/{WORKBENCH}"
LINK = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
pytestmark = pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="counts processes in /proc")


@dataclass(frozen=True)
class App:
    """A web app that runs."""

    process: subprocess.Popen[bytes]
    address: str
    token: str

    def kernels(self) -> set[int]:
        """Return the processes of its kernels."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return {int(word) for word in children.split()}

    def guest(self) -> httpx.Client:
        """Return a browser without the token."""
        return httpx.Client(base_url=self.address, timeout=60)

    @contextmanager
    def owner(self) -> Iterator[httpx.Client]:
        """Give a browser that has entered with the token."""
        with self.guest() as client:
            client.get("/", params={"token": self.token}).raise_for_status()
            yield client


def wait_until(met: Callable[[], bool], seconds: float) -> None:
    until = time.monotonic() + seconds
    while not met():
        assert time.monotonic() < until
        time.sleep(0.1)


@contextmanager
def running(folder: Path, *words: str) -> Iterator[App]:
    """Run an app in a folder, with the settings there."""
    settings = folder / "settings"
    settings.mkdir()
    (settings / "voila.json").write_text(json.dumps(KERNELS))
    as_root = {"ServerApp": {"allow_root": True}}
    (settings / "jupyter_server_config.json").write_text(json.dumps(as_root))
    ours = {"PYTHONPATH": str(ROOT), "JUPYTER_PATH": str(ROOT / "oda_widgets/panels/share/jupyter")}
    environment = os.environ | ours | {"JUPYTER_CONFIG_DIR": str(settings)}
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    command = [sys.executable, "-P", "-m", *words, "--no-browser", f"--port={port}"]
    log = folder / "log"
    with log.open("w") as stream:
        process = subprocess.Popen(command, cwd=folder, stderr=stream, env=environment)
    try:
        wait_until(lambda: ADDRESS.search(log.read_text()) is not None, 60)
        found = ADDRESS.search(log.read_text())
        assert found is not None
        yield App(process, found[1], found[2])
    finally:
        process.terminate()
        assert process.wait(60) is not None


def small_app(folder: Path) -> tuple[str, ...]:
    """Return the words of the web app, for a workbench that is quick to run."""
    cell = nbformat.v4.new_code_cell("6 * 7")
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python", "language": "python"}}
    notebooks = folder / "notebooks"
    notebooks.mkdir()
    nbformat.write(nbformat.v4.new_notebook(cells=[cell], metadata=kernel), notebooks / WORKBENCH)
    module, _, *options = voila_words()
    return (module, str(notebooks), *options)


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    folder = tmp_path_factory.mktemp("app")
    with running(folder, *small_app(folder)) as app:
        wait_until(lambda: len(app.kernels()) == 1, 60)  # waits for the first page
        yield app


def test_python_m_imports_nothing_from_the_current_folder(tmp_path: Path) -> None:
    for name in ("http", "argparse", "astropy"):
        (tmp_path / f"{name}.py").write_text(EVIL)
    done = subprocess.run(
        [sys.executable, "-m", "oda_widgets", "--version"],
        cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert not (tmp_path / "imported").exists()


def listening(process: int) -> set[str]:
    """Return the addresses of TCP at which a process listens, as Linux writes them."""
    sockets = {
        link.removeprefix("socket:[").removesuffix("]")
        for link in map(os.readlink, Path(f"/proc/{process}/fd").iterdir())
        if link.startswith("socket:[")
    }
    rows = [
        line.split()
        for name in ("tcp", "tcp6")
        for line in Path(f"/proc/{process}/net/{name}").read_text().splitlines()[1:]
    ]
    return {row[1] for row in rows if row[3] == "0A" and row[9] in sockets}


def test_kernels_listen_on_no_port(app: App) -> None:
    assert len(listening(app.process.pid)) == 1
    (waiting,) = app.kernels()
    with app.owner() as owner:
        assert "42" in owner.get(PAGE).text
        kernels = app.kernels()
        assert kernels
        assert [listening(kernel) for kernel in kernels] == [set()] * len(kernels)
    # The one that waited was given to the page, and ends; another waits for the next page.
    wait_until(lambda: len(app.kernels()) == 1 and waiting not in app.kernels(), 60)


@pytest.mark.parametrize("host", ["[::1", "]", "evil.org"])
def test_a_name_that_is_none_gets_nothing(app: App, host: str) -> None:
    with app.guest() as guest:
        for header in ({"Host": host}, {"Origin": f"http://{host}"}):
            assert guest.get("/", headers=header).status_code in {400, 403}


@pytest.mark.parametrize("verb", ["app", "lab"])
def test_settings_that_no_page_could_use_are_refused_before_one_opens(
    verb: str, tmp_path: Path
) -> None:
    archive = tmp_path / "nowhere"
    done = subprocess.run(
        [sys.executable, "-m", "oda_widgets", verb, "--no-browser"],
        env=os.environ | {"ODA_WIDGETS_ARCHIVE": str(archive)},
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 2
    assert str(archive) in done.stderr
    assert "Traceback" not in done.stderr


def test_who_has_no_token_is_asked_for_it_and_starts_no_kernel(app: App) -> None:
    with app.guest() as guest:
        pages = ("/", "/?token=0123", "/?product_type=isgri_image", PAGE, f"{PAGE}?token=0123")
        for path in (*pages, "/api/kernels/0-0-0-0-0", "/voila/tree", "/voila/api/contents/"):
            answer = guest.get(path)
            assert answer.status_code in {302, 403}
        page = guest.get("/", follow_redirects=True)
        assert "token" in page.text
        assert "kernel" not in page.text.lower()
    assert len(app.kernels()) == 1


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.org"},
        {"Host": "127.0.0.1.evil.org:8866"},
        {"Origin": "https://evil.org"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},  # a server of another user of this machine
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {**LINK, "Sec-Fetch-Dest": "iframe"},
    ],
    ids=str,
)
def test_pages_of_other_sites_and_foreign_names_get_nothing(
    app: App, headers: dict[str, str]
) -> None:
    with app.owner() as owner:
        for path in (
            "/",
            PAGE,
            "/login",
            "/voila/static/voila.js",
            "/voila/query/0-0-0-0-0",
            "/api/me",
        ):
            assert owner.get(path, headers=headers).status_code == 403
        assert owner.post("/voila/api/shutdown/x", headers=headers).status_code == 403
    assert len(app.kernels()) == 1


def test_twenty_links_of_other_sites_start_no_kernel_before_they_are_confirmed(app: App) -> None:
    with app.owner() as owner:
        for _ in range(20):
            answer = owner.get('/?src_name="><b>&radius=15', headers=LINK)
            assert answer.status_code == 200
            assert "<b>" not in answer.text
            assert 'href="/?src_name=%22%3E%3Cb%3E&amp;radius=15"' in answer.text
        assert f'href="{PAGE}?"' in owner.get(PAGE, headers=LINK).text
    assert len(app.kernels()) == 1


def test_the_first_page_shows_what_there_is_and_starts_no_kernel(app: App) -> None:
    with app.owner() as owner:
        answer = owner.get("/")
    assert answer.status_code == 200
    assert f'href="{PAGE}"' in answer.text
    assert "<script" not in answer.text
    assert len(app.kernels()) == 1


def test_the_query_of_a_link_goes_to_the_workbench(app: App) -> None:
    with app.owner() as owner:
        answer = owner.get("/?src_name=Crab&radius=15")
    assert answer.status_code == 302
    assert answer.headers["Location"] == f"{PAGE}?src_name=Crab&radius=15"


def test_the_token_leaves_the_address_and_other_words_stay(app: App) -> None:
    with app.guest() as guest:
        answer = guest.get("/", params={"src_name": "Sgr A*", "token": app.token}, headers=LINK)
    assert 'url=/?src_name=Sgr+A%2A"' in answer.text
    assert app.token not in answer.text
    assert app.token not in Path(f"/proc/{app.process.pid}/cmdline").read_text()
    assert "SameSite=Strict" in answer.headers["Set-Cookie"]


def test_pages_that_never_speak_end_and_pages_have_a_limit(app: App) -> None:
    with app.owner() as owner, ThreadPoolExecutor(8) as browsers:
        pages = list(browsers.map(lambda _: owner.get(PAGE), range(8)))
        assert {page.status_code for page in pages} == {200, 503}
        assert len(app.kernels()) <= 3 + 1  # one waits for the next page
        assert all("3 pages are open" in page.text for page in pages if page.status_code == 503)
        assert owner.get("/").status_code == 200
        wait_until(lambda: len(app.kernels()) == 1, 60)
        assert owner.get(PAGE).status_code == 200


def test_it_listens_at_the_address_that_is_given_and_is_called_by_its_own_names_only(
    tmp_path: Path,
) -> None:
    with running(tmp_path, "oda_widgets", "app", "--host", "0.0.0.0") as app:  # noqa: S104
        other = app.address.replace("127.0.0.1", "127.0.0.2")
        host = app.address.removeprefix("http://")
        assert httpx.get(f"{other}/login").status_code == 403
        assert httpx.get(f"{other}/login", headers={"Host": host}).status_code == 200
    assert "deprecated" not in (tmp_path / "log").read_text()


def test_signals_end_the_app_and_its_kernels(tmp_path: Path) -> None:
    with running(tmp_path, *small_app(tmp_path)) as app:
        wait_until(lambda: len(app.kernels()) == 1, 60)
        kernels = app.kernels()
        app.process.send_signal(signal.SIGHUP)  # the others of this file end by SIGTERM
        assert app.process.wait(60) == 0
        assert not any(Path(f"/proc/{kernel}").exists() for kernel in kernels)


@pytest.mark.parametrize("verb", ["app", "lab"])
def test_nothing_is_imported_from_the_current_folder(tmp_path: Path, verb: str) -> None:
    for name in ("voila", "jupyterlab", "traitlets", "voila_config", "jupyter_server_config"):
        (tmp_path / f"{name}.py").write_text(EVIL)
    with running(tmp_path, "oda_widgets", verb):
        assert not (tmp_path / "imported").exists()


def test_it_starts_without_a_warning_about_its_own_notebooks(tmp_path: Path) -> None:
    with running(tmp_path, *small_app(tmp_path)) as app:
        wait_until(lambda: len(app.kernels()) == 1, 60)
    assert "WARNING" not in (tmp_path / "log").read_text()


def test_its_start_compiles_no_grammar_that_it_has_no_use_for(tmp_path: Path) -> None:
    command = [sys.executable, "-X", "importtime", "-m", voila_words()[0], "--version"]
    done = subprocess.run(
        command, cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "| jupyter_server" in done.stderr.replace("  ", "")
    assert "lark" not in done.stderr
