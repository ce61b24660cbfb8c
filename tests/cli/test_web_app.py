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
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
import nbformat
import pytest

from oda_widgets.cli.app import WORKBENCH, voila_words
from oda_widgets.cli.launch import own_link
from oda_widgets.cli.page_connections import MOST_CONNECTIONS
from tests.patience import PATIENCE, free_port, wait_until

ROOT = Path(__file__).parents[2]
EVIL = "import os; open(os.path.join(os.path.dirname(__file__), 'imported'), 'w').close()\n"
ADDRESS = re.compile(r"(http://127\.0\.0\.1:\d+)/\S*\?token=(\w+)")
HURRIED = 2.0  # seconds in which a page must speak to its kernel
PAGE = f"voila/render/{WORKBENCH}"
LONG = "computes_for_long.ipynb"
COMPUTES = "import time; open('computes', 'w').close(); time.sleep(3600)"
DOOR = re.compile(r'data-door="(/door-[\w-]{43}/)"')
KERNEL = re.compile(r'"kernelId": "([\w-]+)"')
LINK = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
pytestmark = pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="counts processes in /proc")


@dataclass(frozen=True)
class App:
    """A web app that runs."""

    process: subprocess.Popen[bytes]
    address: str
    token: str
    log: Path

    def kernels(self) -> set[int]:
        """Return the processes of its kernels."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return {int(word) for word in children.split()}

    def guest(self) -> httpx.Client:
        """Return a browser without the token.

        Nothing is encrypted here; to read the certificates would take longer than most requests.
        """
        return httpx.Client(base_url=self.address, timeout=PATIENCE, verify=False)  # noqa: S501

    def enter(self, client: httpx.Client) -> str:
        """Enter with the token; return the door of the pages."""
        found = DOOR.search(client.get("/", params={"token": self.token}).text)
        assert found is not None
        return found[1]

    @contextmanager
    def owner(self) -> Iterator[httpx.Client]:
        """Give a browser that has entered with the token, and is behind the door."""
        with self.guest() as client:
            client.base_url = self.address + self.enter(client)
            yield client


@contextmanager
def running(folder: Path, *words: str, silent: float = PATIENCE) -> Iterator[App]:
    """Run an app in a folder, with the settings there; its pages may be silent for so long."""
    settings = folder / "settings"
    settings.mkdir()
    kernels = {"most_pages": 3, "silent_seconds": silent, "look_seconds": 0.3}
    kernels["loading_seconds"] = silent
    (settings / "voila.json").write_text(json.dumps({"PageKernels": kernels}))
    ours = {"PYTHONPATH": str(ROOT), "JUPYTER_PATH": str(ROOT / "oda_widgets/panels/share/jupyter")}
    environment = os.environ | ours | {"JUPYTER_CONFIG_DIR": str(settings)}
    command = [sys.executable, "-P", "-m", *words, "--no-browser", f"--port={free_port()}"]
    log = folder / "log"
    with log.open("w") as stream:
        process = subprocess.Popen(command, cwd=folder, stderr=stream, env=environment)
    try:
        wait_until(lambda: ADDRESS.search(log.read_text()) or process.poll() is not None)
        found = ADDRESS.search(log.read_text())
        assert found is not None, log.read_text()
        yield App(process, found[1], found[2], log)
    finally:
        process.terminate()
        assert process.wait(PATIENCE) is not None


def small_app(folder: Path) -> tuple[str, ...]:
    """Return the words of the web app, for a workbench that is quick to run."""
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python", "language": "python"}}
    notebooks = folder / "notebooks"
    notebooks.mkdir()
    for name, codes in {WORKBENCH: ["6 * 7"], LONG: [COMPUTES, "6 * 7"]}.items():
        cells = [nbformat.v4.new_code_cell(code) for code in codes]
        nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=kernel), notebooks / name)
    module, _, *options = voila_words()
    return (module, str(notebooks), *options)


@pytest.fixture
def app(shared_app: App) -> App:
    """Return the app as it was started: pages of the test before have gone."""
    wait_until(lambda: len(shared_app.kernels()) == 1)
    return shared_app


@pytest.fixture(scope="module")
def untouched_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """Give an app of which no test opens a page: it has one kernel from first to last."""
    folder = tmp_path_factory.mktemp("untouched_app")
    with running(folder, *small_app(folder)) as app:
        wait_until(lambda: "is filled" in app.log.read_text())
        (waiting,) = app.kernels()
        yield app
        assert app.kernels() == {waiting}


@pytest.fixture(scope="module")
def shared_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    folder = tmp_path_factory.mktemp("app")
    with running(folder, *small_app(folder), silent=HURRIED) as app:
        wait_until(lambda: "is filled" in app.log.read_text())  # waits for the first page
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
    sockets = set()
    for descriptor in Path(f"/proc/{process}/fd").iterdir():
        with suppress(FileNotFoundError):  # it is closed meanwhile
            link = str(descriptor.readlink())
            sockets.add(link.removeprefix("socket:[").removesuffix("]"))
    rows = [
        line.split()
        for name in ("tcp", "tcp6")
        for line in Path(f"/proc/{process}/net/{name}").read_text().splitlines()[1:]
    ]
    return {row[1] for row in rows if row[3] == "0A" and row[9] in sockets}


def test_a_page_that_never_speaks_ends_and_another_kernel_waits(app: App) -> None:
    (waiting,) = app.kernels()
    with app.owner() as owner:
        assert "42" in owner.get(PAGE).text
    # The one that waited was given to the page, and ends; another waits for the next page.
    wait_until(lambda: len(app.kernels()) == 1 and waiting not in app.kernels())


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
        capture_output=True, text=True, check=False, timeout=PATIENCE,
    )  # fmt: skip
    assert done.returncode == 2
    assert str(archive) in done.stderr
    assert "Traceback" not in done.stderr


def test_who_has_no_token_is_asked_for_it_and_starts_no_kernel(untouched_app: App) -> None:
    with untouched_app.guest() as guest, untouched_app.owner() as owner:
        pages = ("/", "/?token=0123", "/?product_type=isgri_image", PAGE, f"{PAGE}?token=0123")
        for path in (*pages, "/api/kernels/0-0-0-0-0", "/voila/tree", "/voila/api/contents/"):
            answer = guest.get(path)
            assert answer.status_code == 403
            assert 'name="token"' in answer.text
            assert "kernel" not in answer.text.lower()
        for path in ("", PAGE, "voila/tree", "api/kernels/0-0-0-0-0"):  # the door alone
            page = guest.get(f"{owner.base_url.path}{path}", follow_redirects=True)
            assert page.status_code in {403, 404}
            assert "kernel" not in page.text.lower()
    assert len(untouched_app.kernels()) == 1


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "HEAD", "OPTIONS", "DELETE"])
@pytest.mark.parametrize("path", ["/", f"/{PAGE}", "/api/kernels", "/login", "/%ff/../x?a=%00"])
def test_a_cookie_opens_no_door_and_tells_nobody_where_it_is(
    app: App, method: str, path: str
) -> None:
    """Whoever serves another port may be sent the cookies of this one, and send them here."""
    with app.guest() as guest, app.owner() as owner:
        cookies = "; ".join(f"{name}={value}" for name, value in owner.cookies.items())
        assert cookies
        answer = guest.request(method, path, headers={"Cookie": cookies})
        assert answer.status_code == 403
        assert "door-" not in f"{answer.text} {answer.headers}"


def test_cookies_are_of_the_pages_alone_and_that_of_the_login_has_a_name_that_nobody_knows(
    app: App,
) -> None:
    with app.guest() as guest:
        door = app.enter(guest)
        guest.get(door)
        cookies = {cookie.name: cookie.path for cookie in guest.cookies.jar}
    assert set(cookies.values()) == {door}
    assert any(re.fullmatch(r"oda-widgets-[0-9a-f]{16}", name) for name in cookies)


def test_the_token_that_is_typed_leads_on_to_the_page_that_was_asked_for(app: App) -> None:
    with app.guest() as guest:
        asked = guest.get(f"{app.enter(guest)[:-2]}x/{PAGE}?src_name=Crab")  # an earlier door
        assert f'action="/{PAGE}?src_name=Crab"' in asked.text
        assert "This page is of an earlier start of the app" in asked.text
        # A browser that has entered meanwhile is led on by what it has stored.
        assert f'data-rest="{PAGE}?src_name=Crab" data-go="yes"' in asked.text
        assert "not the token" in guest.post("/", data={"token": "0123"}).text
        answer = guest.post(f"/{PAGE}?src_name=Crab", data={"token": app.token})
        found = DOOR.search(answer.text)
        assert found is not None
        assert f'url={found[1]}{PAGE}?src_name=Crab"' in answer.text


@pytest.mark.parametrize(
    "path",
    [
        "voila/templates/x/static/..%2f..%2f",
        "voila/templates/x",
        "voila/templates/base/static/",
        "voila/templates/base/static/%5c..%5cx",
        "voila/api/themes/%00",
        f"voila/api/contents/{'x' * 300}",
    ],
)
def test_a_path_that_cannot_be_is_no_fault_of_the_server(app: App, path: str) -> None:
    with app.owner() as owner:
        assert owner.get(path).status_code == 404


@pytest.mark.parametrize(
    "path", ["voila/render/%ff", f"{PAGE}?theme=%ff%fe", "?src_name=%ff", "api/kernels/%ff"]
)
def test_an_address_that_is_no_text_is_refused_in_words(app: App, path: str) -> None:
    with app.owner() as owner:
        answer = owner.get(path)
    assert answer.status_code == 400
    assert "no text (UTF-8)" in answer.text


@pytest.mark.parametrize("method", ["BREW", "CONNECT"])
def test_a_method_that_no_page_has_is_refused_in_words(app: App, method: str) -> None:
    with app.owner() as owner:
        for path in (PAGE, f"{app.address}/"):
            answer = owner.request(method, path)
            assert answer.status_code == 405
            assert "GET or POST" in answer.text
    assert "Traceback" not in app.log.read_text()


@pytest.mark.parametrize("query", ["template=../../x", "theme=../../x"])
def test_no_word_of_an_address_chooses_files_of_the_server(app: App, query: str) -> None:
    wait_until(lambda: len(app.kernels()) == 1)
    with app.owner() as owner:
        answer = owner.get(f"{PAGE}?{query}")
    assert answer.status_code == 200
    assert "42" in answer.text
    assert "500 GET" not in app.log.read_text()


def test_a_token_that_is_no_text_is_none(app: App) -> None:
    with app.guest() as guest:
        answer = guest.get("/?token=%ff%fe")
    assert answer.status_code == 403
    assert 'name="token"' in answer.text


@pytest.mark.parametrize("path", ["nothing", "voila/render/nothing.ipynb", "voila/files/x"])
def test_what_is_not_there_is_said_in_words(app: App, path: str) -> None:
    with app.owner() as owner:
        answer = owner.get(path)
    assert answer.status_code == 404
    assert "<title>oda_widgets</title>" in answer.text
    assert "Traceback" not in app.log.read_text()


def open_connection(client: httpx.Client, path: str, *headers: str) -> socket.socket:
    """Send a request behind the door, and wait for no answer."""
    url = client.base_url
    cookies = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    lines = [f"GET {url.path}{path} HTTP/1.1", f"Host: {url.host}:{url.port}", f"Cookie: {cookies}"]
    opened = socket.create_connection((url.host, url.port or 80), timeout=PATIENCE)
    opened.sendall("\r\n".join([*lines, *headers, "", ""]).encode())
    return opened


def open_and_close(app: App, owner: httpx.Client) -> None:
    """Open the socket of a page and close it before, while and after it opens; leave the page."""
    upgrade = ("Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13")
    headers = (*upgrade, "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==")
    kernel = KERNEL.search(owner.get(PAGE).text)
    assert kernel is not None
    kernel_path = f"api/kernels/{kernel[1]}"
    for number, seconds in enumerate((0, 0, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05)):
        path = f"{kernel_path}/channels?session_id={number}"
        with open_connection(owner, path, *headers):
            time.sleep(seconds)
    path = f"{kernel_path}/channels?session_id=last"
    with open_connection(owner, path, *headers) as stays:
        assert b"101 Switching Protocols" in stays.recv(100)
        wait_until(lambda: owner.get(kernel_path).json()["connections"] == 1)
    for _ in range(2):  # a page says more than once that it is left
        assert owner.post(f"voila/api/shutdown/{kernel[1]}").status_code == 204
    said = app.log.read_text()
    assert "Traceback" not in said
    assert "500 GET" not in said


def test_pages_that_are_loaded_again_and_again_leave_room(app: App) -> None:
    wait_until(lambda: len(app.kernels()) == 1)
    with app.owner() as owner:
        for _ in range(3):
            with open_connection(owner, PAGE):
                time.sleep(0.05)
        wait_until(lambda: owner.get(PAGE).status_code == 200)
        wait_until(lambda: len(app.kernels()) == 1)
    assert "500 GET" not in app.log.read_text()


@pytest.mark.parametrize("says_so", [False, True])
def test_a_page_that_is_left_while_it_computes_ends_and_is_no_fault(
    app: App, *, says_so: bool
) -> None:
    before = len(app.log.read_text())
    computes = app.log.parent / "notebooks" / "computes"
    with app.owner() as owner, owner.stream("GET", f"voila/render/{LONG}") as page:
        text, pieces = "", page.iter_text()  # which closes the page when it is forgotten
        while not (found := KERNEL.search(text)):
            text += next(pieces)
        wait_until(computes.exists)
        computes.unlink()
        if says_so:
            with app.owner() as browser:
                assert browser.post(f"voila/api/shutdown/{found[1]}").status_code == 204
                assert browser.get(f"api/kernels/{found[1]}").status_code == 404
    with app.owner() as owner:
        wait_until(lambda: owner.get(f"api/kernels/{found[1]}").status_code == 404)
        wait_until(lambda: len(app.kernels()) == 1)  # there is room for others
        assert owner.get(PAGE).status_code == 200
    said = app.log.read_text()[before:]
    assert said.count(f"Ending kernel {found[1]}") == 1
    assert not re.search("Traceback|Error|died", said)


def test_connections_that_ask_for_nothing_cost_others_nothing(untouched_app: App) -> None:
    url = httpx.URL(untouched_app.address)
    with ExitStack() as silent:
        for _ in range(2 * MOST_CONNECTIONS):
            opened = socket.create_connection((url.host, url.port or 80), timeout=PATIENCE)
            silent.enter_context(opened)
        with untouched_app.owner() as owner:
            assert owner.get("").status_code == 200
        files = list(Path(f"/proc/{untouched_app.process.pid}/fd").iterdir())
        assert MOST_CONNECTIONS < len(files) < 1.5 * MOST_CONNECTIONS
    assert "Traceback" not in untouched_app.log.read_text()


def test_a_stranger_cannot_send_the_app_much(untouched_app: App) -> None:
    url = httpx.URL(untouched_app.address)
    head = f"POST / HTTP/1.1\r\nHost: {url.host}:{url.port}\r\nContent-Length: {2 << 20}\r\n\r\n"
    with socket.create_connection((url.host, url.port or 80), timeout=PATIENCE) as stranger:
        stranger.sendall(head.encode())
        assert stranger.recv(100).startswith(b"HTTP/1.1 400")


def ask_at_length(client: httpx.Client, query: str) -> tuple[int, str]:
    """Return status and body of the first page; httpx itself sends no address so long."""
    url = client.base_url
    with socket.create_connection((url.host, url.port or 80), timeout=PATIENCE) as connection:
        cookies = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
        request = f"GET {url.path}?{query} HTTP/1.0\r\nHost: 127.0.0.1\r\nCookie: {cookies}\r\n\r\n"
        connection.sendall(request.encode())
        answer = b"".join(iter(lambda: connection.recv(1 << 16), b"")).decode()
    return int(answer.split()[1]), answer


def test_links_of_thousands_of_windows_are_followed_and_longer_ones_answered_in_words(
    app: App,
) -> None:
    query = "scw_list=" + ",".join(["066500220010.001"] * 5000)
    with app.owner() as owner:
        status, answer = ask_at_length(owner, query)
        assert (status, query in answer) == (302, True)
        for length in (150_000, 2_000_000):
            status, answer = ask_at_length(owner, "x" * length)
            assert status == 414
            assert "Name fewer science windows" in answer


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
    untouched_app: App, headers: dict[str, str]
) -> None:
    with untouched_app.owner() as owner:
        inner = ("", PAGE, "voila/static/voila.js", "voila/query/0-0-0-0-0", "api/me")
        for path in (*inner, f"{untouched_app.address}/", f"{untouched_app.address}/login"):
            assert owner.get(path, headers=headers).status_code == 403
        assert owner.post("voila/api/shutdown/x", headers=headers).status_code == 403
    assert len(untouched_app.kernels()) == 1


def test_twenty_links_of_other_sites_start_no_kernel_before_they_are_confirmed(
    untouched_app: App,
) -> None:
    with untouched_app.owner() as owner:
        for _ in range(20):
            link = f'{untouched_app.address}/?src_name="><b>&radius=15'
            answer = owner.get(link, headers=LINK)
            assert "<b>" not in answer.text
            # The browser opens it when its reader clicks on it.
            assert 'data-rest="?src_name=%22%3E%3Cb%3E&amp;radius=15" data-go=""' in answer.text
            assert 'data-go="yes"' in owner.get(link).text  # the reader has typed it
        assert f'href="{owner.base_url.path}{PAGE}?"' in owner.get(PAGE, headers=LINK).text
    assert len(untouched_app.kernels()) == 1


def test_the_first_page_shows_what_there_is_and_starts_no_kernel(untouched_app: App) -> None:
    with untouched_app.owner() as owner:
        answer = owner.get("")
        assert f'href="{owner.base_url.path}{PAGE}"' in answer.text
        assert (own_link() or "this copy has no public address") in answer.text
    assert answer.status_code == 200
    assert answer.headers["Referrer-Policy"] == "same-origin"  # no other site learns of the door
    assert "<script" not in answer.text
    assert len(untouched_app.kernels()) == 1


def test_the_query_of_a_link_goes_to_the_workbench(app: App) -> None:
    with app.owner() as owner:
        answer = owner.get("?src_name=Crab&radius=15")
        link = f"{owner.base_url.path}{PAGE}?src_name=Crab&radius=15"
    assert (answer.status_code, answer.headers["Location"]) == (302, link)


def test_the_token_leaves_the_address_and_other_words_stay(app: App) -> None:
    with app.guest() as guest:
        answer = guest.get("/", params={"src_name": "Sgr A*", "token": app.token}, headers=LINK)
    assert '/?src_name=Sgr+A%2A"' in answer.text
    assert app.token not in answer.text
    assert app.token not in Path(f"/proc/{app.process.pid}/cmdline").read_text()
    assert "SameSite=Strict" in answer.headers["Set-Cookie"]


def leave_modules(folder: Path) -> None:
    """Leave in a folder what must not be imported from there."""
    for name in ("voila", "jupyterlab", "traitlets", "voila_config", "jupyter_server_config"):
        (folder / f"{name}.py").write_text(EVIL)


def test_it_listens_at_the_address_that_is_given_and_imports_nothing_from_the_current_folder(
    tmp_path: Path,
) -> None:
    leave_modules(tmp_path)
    with running(tmp_path, "oda_widgets", "app", "--host", "0.0.0.0") as app:  # noqa: S104
        other = app.address.replace("127.0.0.1", "127.0.0.2")
        host = app.address.removeprefix("http://")
        assert "password" not in httpx.get(other).text
        assert "password" in httpx.get(other, headers={"Host": host}).text
    assert "deprecated" not in (tmp_path / "log").read_text()
    assert not (tmp_path / "imported").exists()


def test_sockets_of_its_pages_may_close_at_any_time_pages_have_a_limit_and_a_signal_ends_all(
    tmp_path: Path,
) -> None:
    """One app for what takes long to start; its kernels listen on no port."""
    with running(tmp_path, *small_app(tmp_path)) as app:
        wait_until(lambda: len(app.kernels()) == 1)
        assert "WARNING" not in (tmp_path / "log").read_text()  # about its own notebooks
        with app.owner() as owner, ThreadPoolExecutor(8) as browsers:
            open_and_close(app, owner)
            wait_until(lambda: len(app.kernels()) == 1)
            pages = list(browsers.map(lambda _: owner.get(PAGE), range(8)))
            assert Counter(page.status_code for page in pages) == {200: 3, 503: 5}
            full = [page.text for page in pages if page.status_code == 503]
            assert all("3 pages are open" in text for text in full)
            assert owner.get("").status_code == 200
        wait_until(lambda: len(app.kernels()) == 3 + 1)  # one waits for the next page
        kernels = app.kernels()
        assert len(listening(app.process.pid)) == 1
        assert [listening(kernel) for kernel in kernels] == [set()] * 4
        app.process.send_signal(signal.SIGHUP)  # the others of this file end by SIGTERM
        assert app.process.wait(PATIENCE) == 0
        assert not any(Path(f"/proc/{kernel}").exists() for kernel in kernels)


def test_the_lab_imports_nothing_from_the_current_folder(tmp_path: Path) -> None:
    leave_modules(tmp_path)
    with running(tmp_path, "oda_widgets", "lab"):
        assert not (tmp_path / "imported").exists()


def test_its_start_compiles_no_grammar_that_it_has_no_use_for(tmp_path: Path) -> None:
    command = [sys.executable, "-X", "importtime", "-m", voila_words()[0], "--version"]
    done = subprocess.run(
        command, cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "| jupyter_server" in done.stderr.replace("  ", "")
    assert "lark" not in done.stderr
