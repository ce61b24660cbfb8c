"""Files of every kind with flipped bytes, cut ends and exchanged words: only errors of ours."""

from __future__ import annotations

import resource
import shutil
import socket
import time
from pathlib import Path
from typing import Any

import pytest

from tests.products.mutations import mutations

LONGEST, LARGEST = 10.0, 1 << 20  # seconds; kilobytes


@pytest.fixture
def addresses(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Give the addresses that are opened; none gets an answer."""
    opened: list[Any] = []

    def refuse(*address: Any, **_: Any) -> None:
        opened.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket.socket, "connect_ex", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    return opened


def unread(folder: Path, number: int, seed: str) -> list[str]:
    """Return the failures with mutated files: foreign errors, and times above the limit."""
    wrong = []
    for path, read in mutations(folder, number, seed):
        begin = time.process_time()
        try:
            read(path)
        except Exception as error:  # noqa: BLE001 - any is a fault
            wrong.append(f"{path}: {type(error).__name__} {error}"[:300])
        if time.process_time() - begin > LONGEST:
            wrong.append(f"{path}: {time.process_time() - begin:.0f} s")
        else:
            shutil.rmtree(path.parent)
    return wrong


@pytest.mark.filterwarnings("ignore")
def test_damage_yields_errors_of_ours_in_time(tmp_path: Path, addresses: list[Any]) -> None:
    assert unread(tmp_path, 300, "fixed") == []
    assert addresses == []


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_two_thousand_files_need_little_time_and_memory(
    tmp_path: Path, addresses: list[Any]
) -> None:
    assert unread(tmp_path, 2000, "many") == []
    assert addresses == []
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < LARGEST
