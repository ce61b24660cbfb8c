"""Jobs are computed once whoever asks, and given to one worker."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import oda_widgets as oda
from oda_widgets.server.job_table import JobTable
from tests.servers.our_server import OurServer


def question(windows: tuple[str, ...], number: int) -> dict[str, Any]:
    """Return one of several questions that take little work."""
    catalog = (
        '{"cat_column_names": ["meta_ID", "src_names", "significance", "ra", "dec"], '
        '"cat_column_list": [[0], ["Test"], [10.0], [83.633], [22.014]]}'
    )
    return {
        "instrument": "isgri",
        "product_type": "isgri_lc",
        "scw_list": list(windows[:1]),
        "selected_catalog": catalog,
        "E1_keV": str(30 + number),
        "E2_keV": "100",
        "time_bin": "20",
    }


def windows_of(archive: Path) -> tuple[str, ...]:
    return oda.connect(archive=archive).science_windows().ids


def test_a_hundred_clients_with_ten_questions_make_ten_computations(
    server: OurServer, three_windows: Path
) -> None:
    windows = windows_of(three_windows)
    before = server.ask("/health").json()["computations"]

    def ask(number: int) -> str:
        state: str = server.ask(**question(windows, number % 10)).json()["query_status"]
        return state

    with ThreadPoolExecutor(100) as clients:
        assert "submitted" in set(clients.map(ask, range(100)))
        server.wait_until_idle()
        states = list(clients.map(ask, range(100)))
    assert set(states) == {"done"}
    after = server.ask("/health").json()["computations"]
    assert after - before == 10


def test_products_of_other_code_are_computed_anew(server: OurServer, three_windows: Path) -> None:
    asked = question(windows_of(three_windows), 2)
    job_id = server.done(**asked)["job_monitor"]["job_id"]
    before = server.ask("/health").json()["computations"]
    assert server.ask(**asked).json()["query_status"] == "done"
    with closing(sqlite3.connect(server.folder / "jobs.sqlite")) as database, database:
        database.execute("UPDATE jobs SET code = 'old' WHERE id = ?", (job_id,))
    assert server.done(**asked)["query_status"] == "done"
    assert server.ask("/health").json()["computations"] == before + 1


def test_the_table_gives_a_job_to_one_worker_only(tmp_path: Path) -> None:
    def take_all(_: int) -> list[str]:
        taken = []
        with JobTable(tmp_path / "jobs.sqlite") as own:
            while (row := own.take("worker")) is not None:
                taken.append(row.id)
        return taken

    with JobTable(tmp_path / "jobs.sqlite") as table, ThreadPoolExecutor(4) as workers:
        for number in range(30):
            table.submit(str(number), {})
            table.submit(str(number), {})
        taken = [job for jobs in workers.map(take_all, range(4)) for job in jobs]
        assert sorted(taken) == sorted(str(number) for number in range(30))
        table.finish("3", "another")
        assert table.counts() == {"progress": 30}
        table.finish("3", "worker")
        assert table.counts() == {"progress": 29, "done": 1}
        assert [job for job, _ in table.ended()] == ["3"]


def test_threads_that_share_a_table_leave_no_connection_open(tmp_path: Path) -> None:
    with JobTable(tmp_path / "jobs.sqlite") as table, ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda number: table.submit(str(number), {}, str(number % 8)), range(200)))
        assert table.counts() == {"submitted": 200}
    assert not list(tmp_path.glob("jobs.sqlite-*"))  # the last connection takes its log with it
    assert table.find("7") is not None  # a late question has a connection for itself alone
    assert not list(tmp_path.glob("jobs.sqlite-*"))
