"""The unmodified oda_api 1.3.5 gets everything from our server that it gets from a dispatcher."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy.io import fits

import oda_widgets as oda
from oda_widgets.protocol.catalog import catalog_document
from tests.servers.our_server import OurServer
from tests.servers.real_dispatcher import OdaApi

START = """
import json, logging, sys, time
import numpy as np
from oda_api.api import DispatcherAPI, RequestNotUnderstood, RemoteException, Unauthorized
from oda_api.plot_tools import OdaImage, OdaLightCurve, OdaSpectrum
url, windows, ra, dec = sys.argv[1], sys.argv[2].split(","), float(sys.argv[3]), float(sys.argv[4])
def connect(**words):
    d = DispatcherAPI(url=url, instrument="isgri", n_max_tries=1, **words)
    d.timeout = 300
    return d
common = dict(instrument="isgri", T1="2022-10-12T15:00:00", T2="2022-10-12T16:00:00", RA=ra,
              DEC=dec, src_name="Test", radius=15.0, E1_keV=28.0, E2_keV=80.0, silent=True,
              osa_version="OSA11.2", scw_list=windows)
one_window = common | {"scw_list": windows[:1]}
def report(**facts):
    print(json.dumps(facts))
"""


@pytest.fixture
def words(server: OurServer, three_windows: Path) -> list[str]:
    """Give the arguments of the scripts: address, windows, position of the source."""
    found = oda.connect(archive=three_windows).science_windows()
    middle = found[0]
    return [server.address, ",".join(found.ids), str(middle.ra), str(middle.dec)]


def run(oda_api: OdaApi, script: str, words: list[str], folder: Path) -> Any:
    return oda_api.run(START + script, *words, folder=folder)


# Section 3.1 of the paper, but for the address and the number of science windows. The name `host`
# of the address is of its time: oda_api 1.3.5 asks the network for the sites of ODA when it gets
# no `url`.
PAPER = """
from oda_api.api import DispatcherAPI
disp=DispatcherAPI(
    url=sys.argv[1] + '/dispatch-data')
image = disp.get_product(
    RA=83.633080,
    DEC=22.014500,
    radius=15,
    T1='2003-03-15T23:27:40.0',
    T2='2018-03-16T00:03:15.0',
    E1_keV=20.0,
    E2_keV=40.0,
    instrument='isgri',
    product='isgri_image',
    osa_version='OSA10.2',
    max_pointings=1)
"""


def test_the_session_of_the_paper_gives_image_catalogue_spectrum_and_light_curve(
    default_server: OurServer, oda_api: OdaApi, tmp_path: Path
) -> None:
    script = (
        START
        + PAPER
        + """
mosaic = image.mosaic_image_0_mosaic
OdaImage(image).write_fits("mosaic")
kinds = [unit.header.get("IMATYPE") for unit in mosaic.data_unit]
catalog = image.dispatcher_catalog_1
catalog.table = catalog.table[catalog.table["src_names"] == "Crab"]
same = dict(instrument="isgri", src_name="Crab", RA=83.633080, DEC=22.014500, radius=15,
            T1='2003-03-15T23:27:40.0', T2='2018-03-16T00:03:15.0', osa_version='OSA10.2',
            max_pointings=1, selected_catalog=catalog.get_api_dictionary())
spectra = disp.get_product(product="isgri_spectrum", **same)
OdaSpectrum(spectra).write_fits("Crab", "isgri_spectrum", grouping=[20, 100, 1])
curves = disp.get_product(product="isgri_lc", E1_keV=30.0, E2_keV=100.0, time_bin=10000., **same)
OdaLightCurve(curves).write_fits("Crab", ".")
rates = curves._p_list[0].data_unit[1].data["RATE"]
report(names=[image._n_list, spectra._n_list, curves._n_list], kinds=kinds,
       peak=float(np.nanmax(mosaic.data_unit[4].data)), rates=[float(r) for r in rates],
       significance=float(catalog.table["significance"][0]))
"""
    )
    words = [default_server.address, "", "0", "0"]
    found = oda_api.run(script, *words, folder=tmp_path)
    assert found["names"] == [
        ["mosaic_image_0_mosaic", "dispatcher_catalog_1"],
        [
            "isgri_spectrum_0_Crab_isgri_spectrum",
            "isgri_spectrum_1_Crab_isgri_arf",
            "isgri_spectrum_2_Crab_isgri_rmf",
        ],
        ["isgri_lc_0_Crab"],
    ]
    assert found["kinds"][2:6] == ["INTENSITY", "VARIANCE", "SIGNIFICANCE", "EXPOSURE"]
    assert found["peak"] == pytest.approx(found["significance"], rel=0.15)
    assert found["significance"] > 100
    assert all(100 < rate < 400 for rate in found["rates"])
    written = sorted(tmp_path.rglob("*.fits"))
    assert len(written) >= 5
    for file in written:
        with fits.open(file) as hdus:
            hdus.verify("exception")


def test_the_crab_window_of_public_scripts_is_imaged_by_two_clients_at_once(
    default_server: OurServer, oda_api: OdaApi, tmp_path: Path
) -> None:
    """As oda_api's own test of a live server: neither waits, and both look until it is there."""
    script = """
clients = [connect(wait=False) for _ in range(2)]
bands, found = [(25.0, 80.0), (40.0, 200.0)], [None, None]
for number, (client, (low, high)) in enumerate(zip(clients, bands)):
    found[number] = client.get_product(
        instrument="isgri", product="isgri_image", product_type="Real", osa_version="OSA10.2",
        E1_keV=low, E2_keV=high, scw_list="066500220010.001")
submitted = [client.is_submitted for client in clients]
while not all(client.is_complete for client in clients):
    for number, client in enumerate(clients):
        if not client.is_complete:
            found[number] = client.poll()
    time.sleep(1)
tables = [data.dispatcher_catalog_1.table for data in found]
report(submitted=submitted, crabs=[int(sum(t["src_names"] == "Crab")) for t in tables])
"""
    words = [default_server.address, "", "0", "0"]
    told = oda_api.run(START + script, *words, folder=tmp_path)
    assert told == {"submitted": [True, True], "crabs": [1, 1]}


def test_a_job_is_followed_and_its_progress_told(
    oda_api: OdaApi, words: list[str], tmp_path: Path
) -> None:
    found = run(
        oda_api,
        """
d = connect(wait=False)
d.get_product(product="isgri_lc", product_type="Real", time_bin=5, **common)
states, reports = [d.query_status], []
while not d.is_complete:
    time.sleep(0.2)
    curves = d.poll()
    states.append(d.query_status)
    reports += d.response_json["job_monitor"].get("full_report_dict_list") or []
report(states=list(dict.fromkeys(states)), windows=sorted({r["scwid"] for r in reports}),
       messages=sorted({r["message"] for r in reports}), names=curves._n_list)
""",
        words,
        tmp_path,
    )
    assert found["states"][0] in {"submitted", "progress"}
    assert found["states"][-1] == "done"
    assert set(found["windows"]) <= set(words[1].split(","))
    assert found["messages"]
    assert found["names"]


def test_made_up_products_come_at_once(oda_api: OdaApi, words: list[str], tmp_path: Path) -> None:
    found = run(
        oda_api,
        """
names = {}
for product in ("isgri_image", "isgri_spectrum", "isgri_lc"):
    d = connect()
    names[product] = d.get_product(product=product, product_type="Dummy", **common)._n_list
report(instruments=connect().get_instruments_list(), names=names)
""",
        words,
        tmp_path,
    )
    assert found["instruments"] == ["isgri", "jemx", "spi_acs"]
    assert found["names"] == {
        "isgri_image": ["mosaic_image_0_mosaic", "dispatcher_catalog_1"],
        "isgri_spectrum": [
            "isgri_spectrum_0_Test_isgri_spectrum",
            "isgri_spectrum_1_Test_isgri_arf",
            "isgri_spectrum_2_Test_isgri_rmf",
        ],
        "isgri_lc": ["isgri_lc_0_Test"],
    }


def test_jem_x_and_spi_acs_are_asked_as_at_a_dispatcher(
    oda_api: OdaApi, words: list[str], tmp_path: Path
) -> None:
    """The fewest parameters that scripts send: a unit of JEM-X, T1 and T2 for SPI-ACS."""
    found = run(
        oda_api,
        """
d = DispatcherAPI(url=url, instrument="jemx", n_max_tries=1)
dummy = dict(instrument="jemx", product_type="Dummy", src_name="Test", RA=ra, DEC=dec, silent=True)
names = {}
for product in ("jemx_image", "jemx_spectrum", "jemx_lc"):
    names[product] = d.get_product(product=product, jemx_num=1, **dummy)._n_list
curve = DispatcherAPI(url=url, instrument="spi_acs").get_product(
    instrument="spi_acs", product="spi_acs_lc", product_type="Dummy", RA=ra, DEC=dec, time_bin=2,
    T1="2007-07-16T18:09:00", T2="2007-07-16T18:16:00", silent=True)
names["spi_acs_lc"] = curve._n_list
units = [u.name for p in d.get_product(product="jemx_lc", jemx_num=2, **dummy)._p_list
         for u in p.data_unit]
def error(**changed):
    try:
        d.get_product(**(dict(product="jemx_lc") | dummy | changed))
    except Exception as raised:
        return f"{raised}"
    return "none"
report(names=names, units=units, energy=error(E1_keV=20.0, E2_keV=40.0), unit=error(jemx_num=3),
       products=error(product="isgri_lc"))
""",
        words,
        tmp_path,
    )
    assert found["names"]["jemx_image"] == ["mosaic_image_0_mosaic", "dispatcher_catalog_1"]
    assert found["names"]["jemx_spectrum"] == [
        "jemx_spectrum_0_Test_jemx_spectrum",
        "jemx_spectrum_1_Test_jemx_arf",
        "jemx_spectrum_2_Test_jemx_rmf",
    ]
    assert found["names"]["jemx_lc"] == ["jemx_lc_0_Test"]
    assert found["names"]["spi_acs_lc"] == ["spi_acs_lc_0_query"]
    assert "JMX2-SRC.-LCR" in found["units"]
    assert "JEM-X energy range is restricted to 3 - 35 keV" in found["energy"]
    assert "jemx_num=3" in found["unit"]
    assert "not in query_dictionary" in found["products"]


REAL_PRODUCTS = """
catalog = sys.argv[5]
same = dict(instrument="jemx", jemx_num=1, src_name="Crab", RA=ra, DEC=dec, scw_list=windows,
            T1="2003-03-15T23:27:40.0", T2="2018-03-16T00:03:15.0", osa_version="OSA11.2",
            E1_keV=3.0, E2_keV=20.0, silent=True)
d = DispatcherAPI(url=url, instrument="jemx", n_max_tries=1)
image = d.get_product(product="jemx_image", **same)
spectra = d.get_product(product="jemx_spectrum", selected_catalog=catalog, **same)
curves = d.get_product(product="jemx_lc", selected_catalog=catalog, time_bin=50.0, **same)
shield = DispatcherAPI(url=url, instrument="spi_acs", n_max_tries=1).get_product(
    instrument="spi_acs", product="spi_acs_lc", T1="2019-03-11T18:30:00", T2="2019-03-11T18:31:00",
    time_bin=0.5, silent=True)
def table(product, column):
    units = (u.data for u in product.data_unit if u.data is not None)
    return next(data for data in units if column in (data.dtype.names or ()))
maps = {u.header["IMATYPE"].lower(): u.data for u in image.mosaic_image_0_mosaic.data_unit
        if "IMATYPE" in u.header}
pha = table(spectra._p_list[0], "RATE")
arrays = {
    **maps, "spectrum": pha["RATE"], "spectrum_error": pha["STAT_ERR"],
    "area": table(spectra._p_list[1], "SPECRESP")["SPECRESP"],
    "redistribution": table(spectra._p_list[2], "MATRIX")["MATRIX"],
}
for name, product in (("curve", curves._p_list[0]), ("shield", shield._p_list[0])):
    found = table(product, "RATE")
    arrays |= {name: found["RATE"], name + "_error": found["ERROR"]}
np.savez("arrays.npz", **arrays)
report(names=[one._n_list for one in (image, spectra, curves, shield)])
"""


def test_products_of_jem_x_and_spi_acs_equal_ours_to_the_last_bit(
    default_server: OurServer, oda_api: OdaApi, tmp_path: Path
) -> None:
    site = oda.connect(archive="simulated")
    words: dict[str, Any] = {"instrument": "jemx1"}
    windows = site.science_windows("Crab", **words, limit=1, radius=3).ids
    crab = site.resolve("Crab")
    catalog = oda.SourceCatalog.of([oda.CatalogSource("Crab", crab.ra, crab.dec)])
    sent = json.dumps(catalog_document(catalog, ()))
    asked = [default_server.address, ",".join(windows), repr(crab.ra), repr(crab.dec), sent]
    found = oda_api.run(START + REAL_PRODUCTS, *asked, folder=tmp_path)
    assert [names[0] for names in found["names"]] == [
        *("mosaic_image_0_mosaic", "jemx_spectrum_0_Crab_jemx_spectrum"),
        *("jemx_lc_0_Crab", "spi_acs_lc_0_query"),
    ]
    image = site.image(crab, windows, energy=(3, 20), detection_threshold=7, **words)
    spectrum = site.spectra(windows, catalog=catalog, **words)["Crab"]
    curve = site.light_curves(windows, catalog=catalog, energy=(3, 20), time_bin=50.0, **words)
    minute = {"start": "2019-03-11T18:30:00", "stop": "2019-03-11T18:31:00", "time_bin": 0.5}
    shield = site.light_curves(instrument="spi_acs", **minute)["SPI-ACS"]
    ours = {name: getattr(image, name) for name in ("intensity", "variance", "significance")}
    ours |= {"exposure": image.exposure, "area": spectrum.response.area}
    ours |= {"spectrum": spectrum.rate, "spectrum_error": spectrum.error}
    ours |= {"redistribution": spectrum.response.redistribution.astype(np.float32)}
    ours |= {"curve": curve["Crab"].rate, "curve_error": curve["Crab"].error}
    ours |= {"shield": shield.rate, "shield_error": shield.error}
    with np.load(tmp_path / "arrays.npz") as theirs:
        assert set(theirs) == set(ours)
        for name, expected in ours.items():
            assert np.array_equal(theirs[name], expected, equal_nan=True), name


def test_errors_and_tokens_are_as_with_a_dispatcher(
    server: OurServer, oda_api: OdaApi, words: list[str], tmp_path: Path
) -> None:
    tokens = [server.token(), server.token(roles="unige-hpc-full"), server.token(expires_in=-10)]
    found = run(
        oda_api,
        """
def error(**words):
    try:
        connect().get_product(product="isgri_image", **({"product_type": "Real"} | common | words))
    except Exception as raised:
        reason = getattr(raised, "debug_message", "")
        return [type(raised).__name__, f"{raised} {reason}"[:400]]
    return ["none", ""]
many = ["0665%04d0010.001" % n for n in range(60)]
report(
    energy=error(E1_keV=10.0), time=error(T1="yesterday"), order=error(T1="2030-01-01T00:00:00"),
    version=error(osa_version="OSA9.0"), windows=error(scw_list=["abc"]),
    unknown=error(scw_list=["066500220010.001"]),
    many=error(scw_list=many), general=error(scw_list=many, token=sys.argv[5]),
    full=error(scw_list=many, token=sys.argv[6]), expired=error(token=sys.argv[7]),
)
""",
        [*words, *tokens],
        tmp_path,
    )
    assert found["energy"][0] == "RequestNotUnderstood"
    assert "ISGRI energy range is restricted to 15 - 800 keV" in found["energy"][1]
    assert found["time"][0] == "RequestNotUnderstood"
    assert "T1='yesterday': can't be parsed as Time of isot format" in found["time"][1]
    assert "not after T1" in found["order"][1]
    assert "OSA10.2, OSA11.0, OSA11.1, OSA11.2" in found["version"][1]
    assert "scw_list='abc'" in found["windows"][1]
    assert found["unknown"][0] == "FailedToFindAnyUsefulResults"
    assert "066500220010.001" in found["unknown"][1]
    assert found["many"][0] == found["general"][0] == "Unauthorized"
    assert "unige-hpc-full" in found["many"][1]
    assert (
        found["full"][0] == "FailedToFindAnyUsefulResults"
    )  # it may ask; the windows are not there
    assert found["expired"][0] == "Unauthorized"
    assert "expired" in found["expired"][1]
