"""Scripts written for other dispatchers run with our server."""

from __future__ import annotations

import json
import socket
import ssl
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest

import oda_widgets as oda
from tests.patience import PATIENCE, wait_until
from tests.server.test_oda_api import START
from tests.servers.our_server import OurServer
from tests.servers.real_dispatcher import SECRET, OdaApi

DUMMY = {
    "instrument": "isgri",
    "product_type": "isgri_image",
    "query_type": "Dummy",
    "query_status": "new",
    "session_id": "ABCDEFGHIJKLMNOP",
    "api": "True",
    "T1": "2017-03-06T13:26:48.000",
    "T2": "2017-03-06T15:32:27.000",
    "src_name": "Crab",
    "RA": "83.6",
    "DEC": "22.0",
}
WINDOW = "066500220010.001"
VARIANTS: list[dict[str, Any]] = [
    *({"osa_version": version} for version in ("OSA10.2", "OSA11.0", "OSA11.1", "OSA11.2", "OSA9")),
    *({"detection_threshold": value} for value in ("5", "3.5", "3", "0.1", "0", "-1", "many")),
    *({"RA": value} for value in ("-5", "400", "many", "05h34m31.9s", "83d38m", "05h99m")),
    *({"DEC": value} for value in ("22d00m52s", "-22d", "22d75m")),
    *({"product_type": "isgri_lc", "time_bin": value} for value in ("0.001", "10", "many")),
    *(
        {"product_type": "isgri_lc", "time_bin": value, "time_bin_format": "jd"}
        for value in ("1e-8", "0.001", "0.01", "1")
    ),
    *({"max_pointings": value} for value in ("0", "-1", "50", "many")),
    *({"integral_data_rights": value} for value in ("public", "all-private")),
    {"use_scws": "no"},
    {"use_scws": "no", "scw_list": WINDOW},
    {"use_scws": "form_list"},
    {"use_scws": "form_list", "scw_list": WINDOW},
    {"product_type": "isgri_movie"},
    {"instrument": "zzz"},
]


@pytest.mark.parametrize("changed", VARIANTS, ids=json.dumps)
def test_requests_are_accepted_or_refused_as_a_dispatcher_does(
    changed: dict[str, Any], server: OurServer, real_dispatcher: str
) -> None:
    theirs = httpx.get(f"{real_dispatcher}/run_analysis", params=DUMMY | changed, timeout=PATIENCE)
    assert server.ask(**DUMMY | changed).status_code == theirs.status_code


@pytest.mark.parametrize(
    ("changed", "comment"),
    [
        ({"osa_version": "OSA11.1"}, ""),
        ({"detection_threshold": "7"}, ""),
        ({"detection_threshold": "0.1"}, "detection_threshold=0.1: "),
        ({"integral_data_rights": "all-private"}, "public data were used"),
        ({"max_pointings": "0"}, "50 was used"),
        ({"RA": "443.6"}, "RA=443.6: 83.6 deg was used."),
        ({"RA": "360"}, "RA=360: 0 deg was used."),
        ({"product_type": "isgri_lc", "time_bin": "0.001"}, "0.01 s is the shortest here"),
        ({"product_type": "isgri_lc", "time_bin": "0.001", "time_bin_format": "jd"}, ""),
        (
            {"product_type": "isgri_lc", "time_bin": "1e-8", "time_bin_format": "jd"},
            "time_bin=0.000864: 0.01 s is the shortest here",
        ),
    ],
)
def test_a_comment_says_what_is_done_instead(
    changed: dict[str, Any], comment: str, server: OurServer
) -> None:
    said = server.ask(**DUMMY | changed).json()["exit_status"]["comment"]
    assert comment in said
    assert comment or said == "The products are made up."


def test_parameters_that_do_not_change_the_product_give_the_same_job(server: OurServer) -> None:
    changes = [
        {},
        {"osa_version": "OSA11.0"},
        {"integral_data_rights": "all-private"},
        {"RA": "443.6"},
        {"detection_threshold": "7.0"},
    ]
    places = [{"RA": "05h34m24s"}, {"RA": "83.6"}, {"RA": "83d36m", "DEC": "22d0m"}]
    bins = [{"time_bin": "864"}, {"time_bin": "0.01", "time_bin_format": "jd"}]
    same = [*changes, *places]
    jobs = {server.ask(**DUMMY | c).json()["job_monitor"]["job_id"] for c in same}
    assert len(jobs) == 1
    curve = DUMMY | {"product_type": "isgri_lc"}
    jobs = {server.ask(**curve | b).json()["job_monitor"]["job_id"] for b in bins}
    assert len(jobs) == 1


@pytest.mark.parametrize(
    "ending", ["/", "/dispatch-data", "/dispatch-data/", "//dispatch-data/", "//dispatch-data//"]
)
def test_slashes_too_many_do_no_harm(
    ending: str, server: OurServer, oda_api: OdaApi, tmp_path: Path
) -> None:
    listed = httpx.get(f"{server.address}{ending}/instr-list/", timeout=PATIENCE)
    assert listed.json() == ["isgri", "jemx", "spi_acs"]
    words = [server.address + ending, WINDOW, "83.6", "22.0"]
    script = """
found = connect().get_product(product="isgri_lc", product_type="Dummy", **common)
report(names=found._n_list)
"""
    found = oda_api.run(START + script, *words, folder=tmp_path)
    assert found["names"] == ["isgri_lc_0_Test"]


OLD_SCRIPTS: list[dict[str, Any]] = [
    {"product": "isgri_image", "osa_version": "OSA11.0", "detection_threshold": 3.5},
    {"product": "isgri_image", "osa_version": "OSA11.1", "integral_data_rights": "all-private"},
    {"product": "isgri_image", "osa_version": "OSA10.2", "detection_threshold": 0.1, "RA": -276.4},
    {"product": "isgri_spectrum", "osa_version": "OSA11.0", "E1_keV": 28.0, "E2_keV": 40.0},
    {"product": "isgri_lc", "osa_version": "OSA11.0", "time_bin": 0.001},
    {"product": "isgri_lc", "osa_version": "OSA11.2", "max_pointings": 0, "off_line": False},
    {"instrument": "jemx", "product": "jemx_image", "jemx_num": "2", "E1_keV": 3.0, "E2_keV": 35.0},
    {"instrument": "jemx", "product": "jemx_lc", "jemx_num": 1, "E1_keV": 5.0, "E2_keV": 15.0},
    {"instrument": "jemx", "product": "jemx_spectrum", "E1_keV": 3.0, "E2_keV": 20.0},
    {"instrument": "spi_acs", "product": "spi_acs_lc", "time_bin": 2, "RA": "255.98655344"},
]


@pytest.mark.parametrize("parameters", OLD_SCRIPTS, ids=json.dumps)
def test_parameters_of_old_scripts_give_products(
    parameters: dict[str, Any], server: OurServer, oda_api: OdaApi, tmp_path: Path
) -> None:
    script = """
asked = common | dict(product_type="Dummy") | json.loads(sys.argv[5])
report(names=connect().get_product(**asked)._n_list)
"""
    words = [server.address, WINDOW, "83.6", "22.0", json.dumps(parameters)]
    found = oda_api.run(START + script, *words, folder=tmp_path)
    assert found["names"][0].startswith(
        (
            "mosaic_image_0",
            "isgri_spectrum_0",
            "isgri_lc_0",
            "jemx_spectrum_0",
            "jemx_lc_0",
            "spi_acs",
        )
    )


def test_a_long_request_is_sent_by_post_and_a_short_one_by_get(
    server: OurServer, oda_api: OdaApi, tmp_path: Path
) -> None:
    """One text of 4,800 characters in scw_list, as oda_api's own test of a live server sends it."""
    script = """
d = connect()
asked = dict(instrument="isgri", product="isgri_image", product_type="Dummy",
             osa_version="OSA10.2", E1_keV=40.0, E2_keV=200.0)
methods = []
for windows in ("066500550010.001" * 300, "066500550010.001"):
    d.get_product(**asked, scw_list=windows)
    d.returned_analysis_parameters_consistency()
    methods.append([d.preferred_request_method, d.selected_request_method])
report(methods=methods)
"""
    words = [server.address, WINDOW, "83.6", "22.0"]
    found = oda_api.run(START + script, *words, folder=tmp_path)
    assert found["methods"] == [["GET", "POST"], ["GET", "GET"]]


def test_a_window_without_data_is_the_failure_that_scripts_catch(
    server: OurServer, oda_api: OdaApi, tmp_path: Path
) -> None:
    script = """
from oda_api.api import FailedToFindAnyUsefulResults, UserError
d, said = connect(), []
try:
    d.poll()
except UserError:
    said.append("UserError")
try:
    d.get_product(instrument="isgri", product="isgri_image", product_type="Real",
                  osa_version="OSA10.2", E1_keV=25.0, E2_keV=80.0, scw_list="280200770010.001")
except FailedToFindAnyUsefulResults:
    said.append("FailedToFindAnyUsefulResults")
report(said=said)
"""
    words = [server.address, WINDOW, "83.6", "22.0"]
    found = oda_api.run(START + script, *words, folder=tmp_path)
    assert found["said"] == ["UserError", "FailedToFindAnyUsefulResults"]


def test_files_that_oda_api_saves_are_read_by_our_readers(
    server: OurServer, oda_api: OdaApi, tmp_path: Path
) -> None:
    script = """
def get(product):
    return connect().get_product(product=product, product_type="Dummy", **common)
image, spectra, curves = map(get, ("isgri_image", "isgri_spectrum", "isgri_lc"))
OdaImage(image).write_fits("mosaic")
OdaSpectrum(spectra).write_fits("Test", "isgri_spectrum")
OdaLightCurve(curves).write_fits("Test", ".")
for product in image._p_list[:1]:
    product.write_fits_file("whole.fits", overwrite=True)
import glob
report(files=sorted(glob.glob("*.fits")))
"""
    words = [server.address, WINDOW, "83.6", "22.0"]
    files = oda_api.run(START + script, *words, folder=tmp_path)["files"]
    responses = [path for path in files if "rmf" in path or "arf" in path]
    kinds = {type(product_in(tmp_path / path)) for path in files if path not in responses}
    assert kinds == {oda.SkyImage, oda.Spectrum, oda.LightCurve}, files


def test_oda_api_saves_and_draws_the_light_curves_of_each_instrument(
    server: OurServer, oda_api: OdaApi, tmp_path: Path
) -> None:
    """It takes the second table of JEM-X, and wants TIMEZERO of SPI-ACS."""
    script = """
def get(instrument, **words):
    asked = common | dict(instrument=instrument, product=instrument + "_lc", product_type="Dummy")
    return OdaLightCurve(connect().get_product(**asked | words))
saved = [get("isgri").write_fits("Test")[0]]
saved += [get("jemx", jemx_num=n, E1_keV=3.0, E2_keV=20.0).write_fits("Test")[0] for n in (1, 2)]
shield = get("spi_acs")
x, dx, y, dy, low, high = shield.get_lc("query")
report(saved=saved, seconds=float(np.median(np.diff(x))), since=shield.timezero_utc)
"""
    words = [server.address, WINDOW, "83.6", "22.0"]
    told = oda_api.run(START + script, *words, folder=tmp_path)
    curves = [oda.LightCurve.read(tmp_path / name) for name in told["saved"]]
    assert [c.observation.instrument for c in curves] == ["isgri", "jemx1", "jemx2"]
    assert all(c.width == pytest.approx(172.8) for c in curves)
    assert told["seconds"] == pytest.approx(172.8)
    assert told["since"].startswith("1999-12-31 23:58:55.816")


def product_in(path: Path) -> Any:
    """Return the product in a file, by its name."""
    if "lc" in path.name:
        return oda.LightCurve.read(path)
    if "spec" in path.name:
        return oda.Spectrum.read(path)
    return oda.SkyImage.read(path)


@pytest.mark.filterwarnings("ignore:The HMAC key")  # the dispatcher's own is short
def test_an_expired_token_is_refused_by_all_routes_in_the_words_of_a_dispatcher(
    server: OurServer, real_dispatcher: str
) -> None:
    claims = {"sub": "x@y.z", "email": "x@y.z", "roles": "general", "exp": 1e9}
    their_token = jwt.encode(claims, SECRET, algorithm="HS256")
    for route in ("/api/instr-list", "/api/meta-data", "/meta-data-src", "/api/par-names"):
        words = {"instrument": "isgri"}
        theirs = httpx.get(real_dispatcher + route, params=words | {"token": their_token})
        ours = server.ask(route, **words, token=server.token(exp=1e9))
        assert (ours.status_code, theirs.status_code) == (403, 403), route
        assert ours.json()["error"] == theirs.json()["error"], route


@pytest.mark.parametrize("route", ["/inspect-state", "/get_revnum", "/get_list_terms"])
def test_routes_for_users_with_roles_want_a_token(route: str, server: OurServer) -> None:
    assert "A token must be provided." in server.ask(route).text
    general = server.ask(route, token=server.token(roles="general"))
    assert general.status_code == 403
    assert "your privileges are not sufficient" in general.text
    roles = "job manager, gallery contributor"
    words = {"time_to_convert": "2008-03-15T00:00:00"}
    allowed = server.ask(route, token=server.token(roles=roles), **words)
    assert allowed.status_code == 200
    assert route != "/get_revnum" or allowed.json()["revnum"] == 661


def test_a_token_is_refreshed_by_oda_api(
    server: OurServer, oda_api: OdaApi, tmp_path: Path
) -> None:
    script = """
new = connect().refresh_token(sys.argv[5])
report(new=new)
"""
    old = server.token(roles="refresh-tokens")
    words = [server.address, WINDOW, "83.6", "22.0", old]
    new = oda_api.run(START + script, *words, folder=tmp_path)["new"]
    old_end, new_end = (_end(token) for token in (old, new))
    assert new_end - old_end == pytest.approx(604_800)
    assert server.ask("/refresh_token", token=server.token()).status_code == 403


def _end(token: str) -> float:
    end: float = jwt.decode(token, options={"verify_signature": False})["exp"]
    return end


def test_a_script_draws_a_window_of_the_whole_sky(server: OurServer) -> None:
    """As oda_api's own test of a live server: farther than anything is from anything."""
    base = "/dispatch-data/gw/timesystem/api/v1.0/scwlist/cons"
    span = "2002-12-17T08:00:00/2024-12-21T08:00:00"
    every = server.ask(f"{base}/{span}", min_good_isgri="1")
    far = server.ask(f"{base}/{span}", ra="83", dec="22", radius="200.0", min_good_isgri="1")
    assert far.json() == every.json()
    assert far.json()
    assert all(name.isdigit() for name in far.json())


def test_windows_are_listed_by_the_good_time_that_a_script_wants(server: OurServer) -> None:
    base = "/dispatch-data/gw/timesystem/api/v1.0/scwlist/any"
    span = "2002-12-17T08:00:00/2024-12-21T08:00:00"
    every = server.ask(f"{base}/{span}").json()
    assert server.ask(f"{base}/{span}", min_good_isgri="50").json() == every
    assert server.ask(f"{base}/{span}", min_good_isgri="1000").json() == []
    assert server.ask(f"{base}/{span}", min_good_isgri="50", min_good_jemx1="1").json() == []
    assert server.ask(f"{base}/{span}", min_good_isgri="50", min_good_spi="50").json() == every
    assert server.ask(f"{base}/{span}", min_good_isgri="many").status_code == 400
    half = server.ask(f"{base}/{span}", ra="83")
    assert half.status_code == 400
    assert "dec=None: missing beside the other angle" in half.text


def test_times_are_listed_and_converted_as_the_timesystem_does(server: OurServer) -> None:
    base = "/dispatch-data/gw/timesystem/api/v1.0"
    nothing = server.ask(f"{base}/scwlist/cons/2003-01-01T00:00:00/2003-01-01T00:00:10")
    assert (nothing.status_code, nothing.json()) == (200, [])
    columns = server.ask(
        f"{base}/scwlist/cons/2003-01-01T00:00:00/2003-01-01T00:00:10", return_columns="SWID,TSTART"
    )
    assert columns.json() == {"SWID": [], "TSTART": []}
    assert server.ask(f"{base}/converttime/UTC/2008-03-15T00:00:00/REVNUM").text == "661"
    converted = server.ask(f"{base}/converttime/IJD/2995.5/ANY").json()
    assert converted["MJD"] == 54539.5
    assert converted["UTC"] == "2008-03-14T11:58:54.816"
    for asked in ("UTC/yesterday/IJD", "IJD/1e300/UTC", "MJD/-1e308/ANY", "REVNUM/1e300/UTC"):
        refused = server.ask(f"{base}/converttime/{asked}")
        assert refused.status_code == 400, asked
        assert "RequestNotUnderstood" in refused.text, asked


def test_parameters_are_echoed_and_described(server: OurServer, real_dispatcher: str) -> None:
    echoed = server.ask("/api/parameters", **DUMMY).json()
    assert (echoed["RA"], echoed["T1"]) == (83.6, "2017-03-06T13:26:48.000")
    ours = server.ask("/api/meta-data", instrument="isgri").json()[0]
    theirs = httpx.get(f"{real_dispatcher}/api/meta-data", params={"instrument": "isgri"}).json()[0]
    assert [type(group) for group in ours[:3]] == [type(group) for group in theirs[:3]]
    heads = [json.loads(groups[2])[0] for groups in (ours, theirs)]
    assert heads == [{"query_name": "src_query"}] * 2
    assert server.ask("/check_satus").status_code == 200


def test_the_log_says_when_a_client_speaks_https(server: OurServer) -> None:
    log = server.folder.with_suffix(".log")
    port = int(server.address.rsplit(":", 1)[1])
    context = ssl.create_default_context()
    plain = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
    with plain, suppress(OSError):
        context.wrap_socket(plain, server_hostname="localhost")
    wait_until(lambda: "speaks https, this server http" in log.read_text())
