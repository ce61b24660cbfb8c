"""Ten minutes of anything on every route: no 500, no traceback, no stray file, bounded memory."""

from __future__ import annotations

import os
import time
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import oda_widgets as oda
from oda_widgets.protocol.catalog import catalog_text
from tests.patience import PATIENCE
from tests.server.test_routes import NAMES, NASTY, ROUTES, check
from tests.servers.our_server import OurServer

MINUTES = float(os.environ.get("ODA_WIDGETS_TEST_FUZZ_MINUTES", "10"))
_BATCH = 200
_MOST_GROWTH = 200 << 20  # bytes
KINDS = ("application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain")
PATHS = st.one_of(
    st.sampled_from(ROUTES),
    st.text(max_size=30).map(lambda text: f"/gw/timesystem/api/v1.0/scwlist/cons/{text}"),
    st.sampled_from(["/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "//", "/dispatch-data/x"]),
)
SENT = st.tuples(
    PATHS,
    st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=5), NASTY, max_size=12),
    st.sampled_from(["GET", "POST", "PUT", "HEAD"]),
    st.binary(max_size=300),
    st.sampled_from(KINDS),
)


WORDS = st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=30)
ADDRESSES = st.one_of(
    WORDS,
    WORDS.map(lambda text: f"http://{text}"),
    st.sampled_from(["http://[::1", "http://]", "http://[v1.x]:9", "//", "http://:0", "null"]),
)


@settings(max_examples=150, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(
    name=st.sampled_from(
        ["Origin", "Host", "Sec-Fetch-Site", "Referer", "Accept", "X-Forwarded-For"]
    ),
    value=ADDRESSES,
    method=st.sampled_from(["GET", "POST"]),
)
def test_no_header_is_answered_with_a_fault(
    server: OurServer, name: str, value: str, method: str
) -> None:
    with server.client() as client:
        answer = client.request(method, "/run_analysis", headers={name: value})
    assert answer.status_code in {200, 400, 403}
    assert "Traceback" not in answer.text


DOWNLOADED = ("file_list", "download_file_name", "return_archive", "token", "session_id")


@pytest.mark.slow
def test_anything_on_every_route(server: OurServer, three_windows: Path) -> None:
    window = oda.connect(archive=three_windows).science_windows().ids[0]
    catalog = oda.SourceCatalog.of([oda.CatalogSource("Test", 77.3, 23.8)])
    asked = {"instrument": "isgri", "product_type": "isgri_lc", "scw_list": window}
    done = server.done(**asked, selected_catalog=catalog_text(catalog), time_bin="20")
    job = {"job_id": done["job_monitor"]["job_id"]}
    nasty_download = st.tuples(
        st.just("/download_products"),
        st.dictionaries(st.sampled_from(DOWNLOADED), NASTY).map(lambda found: found | job),
        st.sampled_from(["GET", "POST", "HEAD"]),
        st.just(b""),
        st.sampled_from(KINDS),
    )
    files = {path for path in server.folder.parent.rglob("*") if server.folder not in path.parents}
    before = memory(server.process.pid)
    until = time.monotonic() + 60 * MINUTES
    number = 0

    with httpx.Client(timeout=PATIENCE) as client:

        @settings(
            max_examples=_BATCH,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(st.one_of(SENT, SENT, SENT, nasty_download))
        def batch(sent: tuple[str, dict[str, str], str, bytes, str]) -> None:
            nonlocal number
            number += 1
            path, parameters, method, body, kind = sent
            words = {n.encode("utf-8", "replace").decode(): v[:3000] for n, v in parameters.items()}
            words = {n: v.encode("utf-8", "replace").decode() for n, v in words.items()}
            url = httpx.URL(f"{server.address}{_quotable(path)}").copy_merge_params(words)
            if len(str(url)) > 20_000:
                return
            answer = client.request(method, url, content=body, headers={"Content-Type": kind})
            assert answer.status_code < 500, answer.text[:500]
            assert "Traceback" not in answer.text
            file = "content-disposition" in answer.headers
            other = answer.status_code in {404, 405, 307} or method == "HEAD" or file
            assert other or check(answer) != ""

        while time.monotonic() < until:
            batch()

    now = {path for path in server.folder.parent.rglob("*") if server.folder not in path.parents}
    assert now == files
    grown = memory(server.process.pid) - before
    print(f"{number} requests, memory grew by {grown / 1e6:.0f} MB")  # noqa: T201
    assert grown < _MOST_GROWTH
    assert server.process.poll() is None


def _quotable(path: str) -> str:
    return quote(path.encode("utf-8", "replace"), safe="/%")


def memory(process: int) -> int:
    """Return the memory of a process in bytes."""
    pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")
