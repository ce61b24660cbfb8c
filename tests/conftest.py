"""Fixtures of several rooms."""

from __future__ import annotations

import gc
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, settings
from threadpoolctl import threadpool_limits

import oda_widgets as oda
from tests.distribution import ByGroup, in_order, is_left_out
from tests.photons import fields
from tests.photons.detector import perfect_pixels
from tests.photons.isdc_files import write_events
from tests.servers.our_server import OurServer, serving
from tests.servers.real_dispatcher import OdaApi, kit_python, running

# How fast examples are drawn says how busy the machine is, and nothing about the product. The same
# are drawn in each run: what fails here fails for whoever repeats it.
settings.register_profile(
    "busy",
    deadline=None,
    max_examples=40,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("busy")

# Jupyter's libraries compile a grammar of addresses, which none of ours has, when it is there.
sys.modules["rfc3987_syntax"] = None  # type: ignore[assignment]  # see cli/page_process.py


def pytest_configure() -> None:
    """Take signals as programs in a terminal do, and with this process those that tests start.

    ``nohup`` and shells that start a program in the background let it ignore some.
    """
    usual = {"SIGINT": signal.default_int_handler, "SIGHUP": signal.SIG_DFL}
    for name, handler in usual.items():
        if hasattr(signal, name) and signal.getsignal(signal.Signals[name]) is signal.SIG_IGN:
            signal.signal(signal.Signals[name], handler)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Read no files of tests that would not be run."""
    return is_left_out(collection_path, config.option.markexpr) or None


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Collect no garbage among what stays: the tests and their modules.

    Later it is searched for after more new objects than usual: tests make and drop thousands, and
    to search as often as Python does by itself takes a sixth of the time of those of panels.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.set_threshold(10_000, 10, 10)
        gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest."""
    items[:] = in_order(items)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByGroup | None:
    """Give the files that share a server to one process."""
    return ByGroup(config, log) if config.option.dist == "loadfile" else None


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Give the tests, and the processes they start, a cache of their own.

    All processes of a run share its store: none computes, or simulates, what another has done.
    """
    folder = tmp_path_factory.mktemp("cache")
    run = tmp_path_factory.getbasetemp()
    store = (run.parent if "PYTEST_XDIST_WORKER" in os.environ else run) / "store"
    store.mkdir(exist_ok=True)
    (folder / "store").symlink_to(store)
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("ODA_WIDGETS_CACHE_FOLDER", str(folder))
        # Short windows are done before a worker has started; tests of workers ask for them.
        environment.setenv("ODA_WIDGETS_EXECUTOR", "none")
        # More than a hundred processes are started: none compiles what another has compiled.
        environment.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
        yield folder


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> Iterator[None]:
    """Keep linear algebra to one thread, as a question does: two wait for each other."""
    with threadpool_limits(1):
        yield


@pytest.fixture(scope="session")
def sample_site() -> oda.Site:
    """Give the site over the bundled real science window."""
    return oda.connect(archive="sample")


@pytest.fixture(scope="session")
def three_windows(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give an archive of three short simulated windows with a source of 180 counts/s (28-80 keV).

    All its pixels are alive: a minute is too short to tell the dead ones. The seed is one of those
    without a chance peak in the mosaic, for which the windows would be cleaned again.
    """
    root = tmp_path_factory.mktemp("archive")
    rng = np.random.default_rng(20261123)
    field = replace(fields.crab(rng), pixels=perfect_pixels())
    for pointing in fields.dither(fields.CENTRE, number=3, duration=100.0):
        write_events(field.seen_from(pointing).trace(60.0, rng), root)
    return root


@pytest.fixture(scope="session")
def fitsverify() -> Callable[[Path], None]:
    """Return a check that NASA's fitsverify finds no error and no warning in a file."""
    program = shutil.which("fitsverify")
    if program is None:
        pytest.fail("fitsverify is not installed: apt-get install fitsverify, or run make.")

    def check(path: Path) -> None:
        done = subprocess.run([program, path], capture_output=True, text=True, check=False)
        said = done.stdout + done.stderr
        assert "0 warning(s) and 0 error(s)" in done.stdout, f"exit {done.returncode}: {said}"

    return check


@pytest.fixture(scope="session")
def our_server(
    three_windows: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[OurServer]:
    """Give our own server over three short windows; all tests ask the same one."""
    with serving(three_windows, tmp_path_factory.mktemp("server") / "jobs") as started:
        yield started


@pytest.fixture(scope="session")
def default_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OurServer]:
    """Give our server over the bundled sample and the simulated mission, as it starts by default.

    In the mission every instrument is on.
    """
    with serving("", tmp_path_factory.mktemp("default") / "jobs") as started:
        yield started


@pytest.fixture(scope="session")
def sample_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OurServer]:
    """Give our server over the bundled data."""
    with serving("sample", tmp_path_factory.mktemp("sample") / "jobs") as started:
        yield started


@pytest.fixture(scope="session")
def real_dispatcher() -> Iterator[str]:
    """Give the address of the real dispatcher, released and unchanged, with synthetic products."""
    with running() as address:
        yield address


@pytest.fixture(scope="session")
def oda_api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OdaApi]:
    """Give the unmodified oda_api 1.3.5."""
    started = OdaApi(kit_python(), tmp_path_factory.mktemp("oda_api") / "log")
    yield started
    started.stop()
