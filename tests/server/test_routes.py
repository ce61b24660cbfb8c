"""Every route replies in JSON to any request, and never with a traceback."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

import httpx
import jwt
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.servers.our_server import OurServer

ROUTES = (
    "/run_analysis",
    "/api/par-names",
    "/api/meta-data",
    "/meta-data",
    "/api/instr-list",
    "/instr-list",
    "/resolve_name",
    "/download_products",
    "/call_back",
    "/health",
)
DUMMY = {"instrument": "isgri", "product_type": "isgri_image", "query_type": "Dummy"}
REAL = DUMMY | {"query_type": "Real", "scw_list": "999900010010.001"}
NAMES = (
    *("instrument", "product_type", "query_type", "query_status", "session_id", "job_id", "token"),
    *("src_name", "RA", "DEC", "T1", "T2", "T_format", "E1_keV", "E2_keV", "radius"),
    *("max_pointings", "scw_list", "osa_version", "integral_data_rights", "detection_threshold"),
    *("time_bin", "time_bin_format", "selected_catalog", "catalog_selected_objects", "name", "x"),
    *("file_list", "download_file_name", "return_archive", "use_scws", "allow_unknown_args"),
)
NASTY = st.one_of(
    st.text(max_size=40),
    st.sampled_from(
        [
            *("nan", "inf", "-1", "1e999", "../../etc/passwd", "\x00", "null", "[]", "{}"),
            *("[" * 5000, "0" * 5000, "9" * 400, "isgri", "isgri_image", "isgri_lc", "Real"),
            *("Dummy", "new", "mjd", "isot", "066500220010.001", "'; DROP TABLE jobs; --"),
            "<script>alert(1)</script>",
            '{"cat_column_names": ["src_names"], "cat_column_list": [[null]]}',
        ]
    ),
)


def check(answer: httpx.Response, statuses: tuple[int, ...] = (200, 400, 403)) -> Any:
    """Check that an answer is one, and return its document."""
    assert answer.status_code in statuses, answer.text[:500]
    assert "Traceback" not in answer.text
    assert "site-packages" not in answer.text
    return json.loads(answer.content, parse_constant=pytest.fail)


def test_each_route_answers_with_and_without_prefix(server: OurServer) -> None:
    for prefix in ("", "/dispatch-data"):
        for route in ROUTES:
            check(server.ask(f"{prefix}{route}"))
    assert server.ask("/instr-list").json() == ["isgri", "jemx", "spi_acs"]
    about = server.ask().json()
    assert about["installed_instruments"] == ["isgri", "jemx", "spi_acs"]
    assert about["cdci_data_analysis_version"].startswith("oda_widgets")
    names = server.ask("/api/par-names", **DUMMY).json()
    assert {"RA", "E1_keV", "detection_threshold", "T_format", "token"} <= set(names)
    described = server.ask("/api/meta-data", instrument="isgri").json()
    assert described[0][1]["prod_dict"]["isgri_lc"] == "isgri_lc_query"
    found = server.ask("/resolve_name", name="Crab").json()
    assert found["RA"] == pytest.approx(83.63, abs=0.01)
    assert "message" in server.ask("/resolve_name", name="\x00" * 500).json()


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"instrument": "zzz"}, "instrument='zzz'.*known: \\['isgri', 'jemx', 'spi_acs'\\]"),
        ({"instrument": None}, "instrument=None"),
        ({"product_type": "zzz"}, "product type zzz not in query_dictionary"),
        ({"E1_keV": "10"}, "ISGRI energy range is restricted to 15 - 800 keV"),
        ({"E1_keV": "nan"}, "E1_keV='nan': not a finite number"),
        ({"E1_keV": "50"}, "E1_keV=50.0: not below E2_keV=40"),
        ({"E1_keV": ["20", "30"]}, "given more than once"),
        ({"DEC": "95"}, "DEC=95.0: outside -90 to 90 deg"),
        ({"DEC": "north"}, "DEC='north': not a number"),
        ({"T1": "yesterday"}, "T1='yesterday': can't be parsed as Time of isot format"),
        ({"T1": "57000", "T_format": "weeks"}, "can't be parsed"),
        ({"T1": "2030-01-01T00:00:00"}, "not after T1"),
        ({"T1": "2010-01-01", "T2": "2010-01-01"}, "not after T1.*Give a later T2"),
        ({"E1_keV": "40", "E2_keV": "40"}, "not below E2_keV=40.*Give a higher E2_keV"),
        ({"max_pointings": "2.5"}, "max_pointings='2.5': not a whole number"),
        ({"max_pointings": "10001"}, "max_pointings=10001: outside 1 to"),
        ({"osa_version": "OSA9.0"}, "osa_version='OSA9.0'.*OSA10.2, OSA11.0, OSA11.1, OSA11.2"),
        ({"integral_data_rights": "mine"}, "integral_data_rights='mine'.*public, all-private"),
        (
            {"query_type": "Real", "scw_list": ["066500220010.001", "066500220010.001"]},
            "scw_list='066500220010.001': given twice. Name each window once",
        ),
        ({"query_type": "Ideal"}, "neither Real nor Dummy"),
        (
            {"query_type": "Real", "scw_list": "066500220010.001 066500230010.001"},
            "separated by commas",
        ),
        ({"scw_list": "066500220010.001,066500220010.001"}, ""),
        (
            {"product_type": "isgri_lc", "time_bin": "1", "time_bin_format": "jd"},
            "time_bin=86400.0: outside 0.01 to 20000 sec",
        ),
        (
            {"product_type": "isgri_lc", "time_bin": "1", "time_bin_format": "weeks"},
            "time_bin_format='weeks': not a format known here",
        ),
        ({"detection_threshold": "many"}, "detection_threshold='many': not a number"),
        ({"use_scws": "no", "scw_list": "066500220010.001"}, "use_scws='no': scw_list was given"),
        ({"use_scws": ["no", "no"]}, "use_scws=.*given more than once"),
        ({"use_scws": "form_list"}, "use_scws='form_list': .*has not been found"),
        ({"src_name": "x" * 101}, "longer than 100 characters"),
        (
            {"selected_catalog": "{"},
            "selected_catalog='{': no catalogue .* not in JSON",
        ),
        ({"selected_catalog": '{"cat_column_names": ["a"]}'}, "selected_catalog"),
        ({"selected_catalog": "{}"}, "selected_catalog='{}': no catalogue of sources"),
        ({"selected_catalog": "[[[["}, "selected_catalog="),
        ({"selected_catalog": '{"cat_lon_name": ["ra"]}'}, "no catalogue of sources"),
        ({"session_id": "../../etc"}, "not a valid session id"),
        ({"query_status": "submitted"}, "job_id must be present if query_status != new"),
        ({"job_id": "0" * 32}, "not the job of these parameters"),
        ({"job_id": "../../../etc/passwd"}, "not the job of these parameters"),
        ({"token": "abc"}, "token='...': not a token"),
    ],
)
def test_bad_parameters_are_named_with_their_limits(
    server: OurServer, changed: dict[str, Any], says: str
) -> None:
    import re

    answer = server.ask(**{k: v for k, v in (DUMMY | changed).items() if v is not None})
    if says:
        assert answer.status_code == 400
        document = check(answer)
        assert re.search(says, document["error"]), document["error"]
        assert document["error"].startswith("RequestNotUnderstood():")


def test_made_up_products_are_complete_and_labelled(server: OurServer) -> None:
    answer = check(server.ask(**DUMMY, foo="bar", session_id="ABCDEFGHIJKLMNOP", api="True"))
    assert answer["query_status"] == "done"
    assert answer["session_id"] == answer["job_monitor"]["session_id"] == "ABCDEFGHIJKLMNOP"
    assert "arguments foo are not used" in answer["exit_status"]["comment"]
    assert answer["products"]["analysis_parameters"]["E1_keV"] == 20.0
    primary = answer["products"]["numpy_data_product_list"][0]["data_unit_list"][0]
    assert primary["header"]["SIMULATE"] is True
    assert all(unit["binarys"] is None for unit in units(answer))


def units(answer: dict[str, Any]) -> list[dict[str, Any]]:
    products = answer["products"]["numpy_data_product_list"]
    return [unit for product in products for unit in product["data_unit_list"]]


def test_times_of_any_format_are_one_question(server: OurServer) -> None:
    isot = check(server.ask(**REAL, T1="2014-12-09T00:00:00", T2="2014-12-10T00:00:00"))
    mjd = check(server.ask(**REAL, T1="57000", T2="57001", T_format="mjd"))
    assert isot["job_monitor"]["job_id"] == mjd["job_monitor"]["job_id"]
    echoed = mjd["products"]["analysis_parameters"]
    assert (echoed["T1"], echoed["T_format"]) == ("2014-12-09T00:00:00.000", "isot")


def test_anagrams_and_swaps_are_different_questions(server: OurServer) -> None:
    changes: list[dict[str, str]] = [
        {},
        {"RA": "83.63", "DEC": "22.01"},
        {"RA": "36.83", "DEC": "22.01"},
        {"RA": "22.01", "DEC": "83.63"},
        {"E1_keV": "25", "E2_keV": "60"},
        {"E1_keV": "52", "E2_keV": "60"},
        {"scw_list": "999900020010.001"},
        {"T1": "2017-03-05T00:00:00"},
        {"T1": "2017-03-04T00:00:00"},
        {"token": server.token()},
    ]
    jobs = [check(server.ask(**REAL | c))["job_monitor"]["job_id"] for c in changes]
    assert len(set(jobs)) == len(jobs)
    assert all(len(job) == 32 for job in jobs)


def test_the_order_of_windows_is_no_other_question(server: OurServer) -> None:
    both = ["999900010010.001", "999900020010.001"]
    jobs = {
        check(server.ask(**REAL | {"scw_list": windows}))["job_monitor"]["job_id"]
        for windows in (both, both[::-1], ",".join(both))
    }
    assert len(jobs) == 1


def test_jobs_of_other_users_are_out_of_reach(server: OurServer) -> None:
    mine = server.done(**REAL, token=server.token())
    job_id = mine["job_monitor"]["job_id"]
    for token in (None, server.token(sub="other@example.org")):
        words = {"token": token} if token else {}
        stolen = server.ask(**REAL, job_id=job_id, query_status="progress", **words)
        assert stolen.status_code == 400
        assert server.ask("/download_products", job_id=job_id, **words).status_code == 400


def test_tokens_that_are_forged_or_expired_are_refused(server: OurServer) -> None:
    forged = jwt.encode({"sub": "x", "exp": 4e9}, "0" * 40, algorithm="HS256")
    endless = server.token(exp=None)
    unsigned = jwt.encode({"sub": "x", "exp": 4e9}, "", algorithm="none")
    assert server.ask(**DUMMY, token=forged).status_code == 403
    expired = server.ask(**DUMMY, token=server.token(exp=1e9))
    assert expired.status_code == 403
    assert "It expired on 2001-09-09 01:46 UTC" in expired.json()["error_message"]
    assert server.ask(**DUMMY, token=unsigned).status_code == 400
    assert server.ask(**DUMMY, token=endless).status_code == 400
    answer = check(server.ask(**DUMMY, token=server.token(roles=["general"])))
    assert server.token()[:20] not in json.dumps(answer)


@pytest.mark.parametrize(
    ("number", "roles", "status"),
    [
        (50, "", 200),
        (51, "", 403),
        (51, "general, unige-hpc-full", 200),
        (500, "unige-hpc-full", 200),
        (501, "unige-hpc-full", 403),
        (501, "unige-hpc-full, unige-hpc-extreme", 200),
    ],
)
def test_the_number_of_windows_is_limited_by_role(
    server: OurServer, number: int, roles: str, status: int
) -> None:
    windows = [f"9999{count:04d}0010.001" for count in range(number)]
    form = REAL | {"scw_list": windows, "token": server.token(roles=roles)}
    answer = server.send(data=form)
    assert answer.status_code == status
    if status == 403:
        assert "unige-hpc" in answer.json()["exit_status"]["message"]


def test_a_failure_is_told_to_those_who_wait_and_tried_again_for_those_who_ask(
    server: OurServer,
) -> None:
    failed = server.done(**REAL | {"E1_keV": "21"})
    assert failed["query_status"] == "failed"
    assert "999900010010.001" in failed["exit_status"]["error_message"]
    job_id = failed["job_monitor"]["job_id"]
    told = check(server.ask(**REAL | {"E1_keV": "21"}, job_id=job_id, query_status="progress"))
    assert told["query_status"] == "failed"


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"x" * (11 << 20), "application/x-www-form-urlencoded"),
        (b"a=1&" * 10_000, "application/x-www-form-urlencoded"),
        (b"\xff\xfe=\xfd", "application/x-www-form-urlencoded"),
        (b"garbage", "multipart/form-data"),
        (b"garbage", "multipart/form-data; boundary=x"),
        (b"--x\r\nContent-Disposition: form-data; name=", "multipart/form-data; boundary=x"),
        (b"{" * 1000, "application/json"),
    ],
)
def test_bodies_that_are_too_long_or_none_are_refused(
    server: OurServer, body: bytes, kind: str
) -> None:
    answer = server.send(content=body, headers={"Content-Type": kind})
    assert answer.status_code == (413 if len(body) > 10 << 20 else 400)
    check(answer, (400, 413))


@pytest.mark.parametrize(
    "name", ["scw_list", "src_name", "T1", "selected_catalog", "osa_version", "RA", "job_id"]
)
@pytest.mark.parametrize("filling", [" ", ",", "0", "[", "-", "1 ", "\\"])
def test_megabytes_of_anything_are_answered_before_a_client_gives_up(
    server: OurServer, name: str, filling: str
) -> None:
    """Work that grows with the square of a text would take hours here."""
    long = f"0{filling * (2_000_000 // len(quote_plus(filling)))}0"
    check(server.send(data=DUMMY | {name: long}))


def test_files_may_be_sent_in_place_of_lists(server: OurServer, tmp_path: Path) -> None:
    import oda_widgets as oda

    catalog = oda.SourceCatalog.of([oda.CatalogSource("Crab", 83.633, 22.014)])
    file = tmp_path / "catalogue.fits"
    oda.write_catalog(catalog, file)
    files = {
        "user_catalog_file": file.read_bytes(),
        "user_scw_list_file": b"999900010010.001\n999900020010.001\n",
    }
    form = {k: v for k, v in REAL.items() if k != "scw_list"} | {"use_scws": "user_file"}
    answer = server.send(data=form, files=files)
    echoed = check(answer)["products"]["analysis_parameters"]
    assert echoed["scw_list"] == ["999900010010.001", "999900020010.001"]
    assert "Crab" in echoed["selected_catalog"]
    bad = {"user_catalog_file": b"SIMPLE  = nonsense"}
    refused = server.send(data=REAL, files=bad)
    assert "user_catalog_file" in check(refused)["error"]
    assert "/tmp" not in refused.text  # noqa: S108 - our folders are nobody's business


@pytest.mark.parametrize("path", ["/", "/run_analysis/x", "/?token=%ff%fe", "/%00%1b[31m"])
def test_what_is_not_there_is_said_in_words(path: str, server: OurServer) -> None:
    answer = check(server.ask(path), (404,))
    assert "this server has no such address" in answer["error"]
    assert answer["error"].isprintable()


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW"])
@pytest.mark.parametrize("path", ["/run_analysis", "/health", "/instr-list"])
def test_other_methods_are_refused_in_words(method: str, path: str, server: OurServer) -> None:
    with server.client() as client:
        answer = client.request(method, path)
    assert f"method='{method}': not a method of {path}" in check(answer, (405,))["error"]
    assert "GET" in answer.headers["Allow"]


def test_what_is_done_instead_is_said_before_it_is_done(server: OurServer) -> None:
    answer = check(server.ask(**REAL | {"max_pointings": "0", "E1_keV": "22"}))
    assert answer["query_status"] != "done"
    assert "max_pointings=0 selects nothing: 50 was used." in answer["exit_status"]["comment"]


def test_a_page_that_pretends_to_be_us_is_refused(server: OurServer) -> None:
    with server.client() as client:
        answer = client.get("/health", headers={"Host": "evil.org:10100"})
    words = check(answer, (400,))["error_message"]
    assert words.startswith("Host='evil.org': not a name by which this server may be called.")
    assert words.endswith("start it with this option: oda-widgets serve --name evil.org.")


@pytest.mark.parametrize(
    "name",
    [
        "",
        "<script>alert(1)</script>",
        "a b",
        "[::1",
        "evil.org'; rm -rf ~",
        "a" * 300,
        "localhost@evil.org",
    ],
)
def test_what_cannot_be_a_name_is_refused_and_not_repeated(name: str, server: OurServer) -> None:
    with server.client() as client:
        words = check(client.get("/health", headers={"Host": name}), (400,))["error_message"]
    assert words.startswith(("Host='...': not a name", "Host='evil.org': not a name"))
    assert not name or name not in words
    assert "oda-widgets serve --name " in words


@pytest.mark.parametrize("name", ["localhost", "LocalHost:80", "127.0.0.1:1"])
def test_its_own_names_are_known_with_any_port_and_in_any_case(
    name: str, server: OurServer
) -> None:
    with server.client() as client:
        assert client.get("/health", headers={"Host": name}).status_code == 200


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.sampled_from(ROUTES), st.dictionaries(st.sampled_from(NAMES), NASTY), st.booleans())
def test_nothing_that_is_sent_makes_it_stumble(
    server: OurServer,
    route: str,
    parameters: dict[str, str],
    post: bool,  # noqa: FBT001
) -> None:
    parameters = {"instrument": "isgri", "product_type": "isgri_image"} | parameters
    parameters.setdefault("scw_list", "999900010010.001")
    if post and route in ("/run_analysis", "/download_products", "/call_back"):
        form = {k: v.encode("utf-8", "replace") for k, v in parameters.items()}
        check(server.send(route, data=form))
    else:
        clean = {k: v.encode("utf-8", "replace").decode() for k, v in parameters.items()}
        if sum(map(len, clean.values())) < 6000:
            check(server.ask(route, **clean))
