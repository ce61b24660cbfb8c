"""Write oda_widgets/lookup/reference_catalog.csv from files of the ISDC reference catalogue.

::

    python scripts/make_reference_catalog.py catalogs/*_0043.fits.gz

Only facts are taken: names, positions, rates, models. Aliases are the catalogue's own, with the
typing errors in `CORRECTED` put right, and those below, which every astronomer would expect.
"""

from __future__ import annotations

import argparse
import csv
import io
import re
from collections import Counter
from pathlib import Path
from typing import Any

from astropy.io import fits

from oda_widgets.lookup.sphere import separations
from oda_widgets.request.spelling import match_key

OUTPUT = Path(__file__).parents[1] / "oda_widgets" / "lookup" / "reference_catalog.csv"
ORIGIN = "GNRL-REFR-CAT 43"
HEADER = """\
# Facts from the INTEGRAL General Reference Catalogue, version 43 of 2019-06-13, made and kept by
# the INTEGRAL Science Data Centre (ISDC, University of Geneva): https://www.isdc.unige.ch/integral
# 947 of its 2410 sources; written by scripts/make_reference_catalog.py, not by hand.
# Corrected typing errors in its aliases: G9 9+9 -> GX 9+9, ScX X-2 -> Sco X-2,
# 1E 1841-04.5 -> 1E 1841-045, Eta Carina -> Eta Carinae, Mr8 841 -> Mrk 841, Nkn 352 -> Mkn 352.
# ra, dec, error_radius: degrees, J2000; rates: counts/s in ISGRI; aliases: separated by |.
"""
COLUMNS = (
    "name",
    "ra",
    "dec",
    "error_radius",
    "source_id",
    "class_number",
    "rate_20_60",
    "rate_60_200",
    "spectral_model",
    "spectral_parameters",
    "aliases",
    "origin",
)
LONGEST_COMMENT = 128  # of the catalogue: what reaches it was cut, so its last alias is dropped

POSITION = re.compile(
    r"(?<!\d)(?P<hours>[01]\d|2[0-3])(?P<minutes>[0-5]\d)\d*\.?\d*(?P<sign>[+-])(?P<degrees>\d\d)"
)
TOLERANCE = 2.0

ALIASES = {
    "Crab": (
        "M 1",
        "Messier 1",
        "NGC 1952",
        "Taurus A",
        "Tau A",
        "Tau X-1",
        "3C 144",
        "Crab Nebula",
        "Crab Pulsar",
        "PSR B0531+21",
        "PSR J0534+2200",
    ),
    "Cyg X-1": ("Cygnus X-1", "HD 226868", "HDE 226868"),
    "Cyg X-2": ("Cygnus X-2",),
    "Cyg X-3": ("Cygnus X-3",),
    "Cyg A": ("Cygnus A", "3C 405"),
    "V404 Cyg": ("V404 Cygni", "GS 2023+338"),
    "Sco X-1": ("Scorpius X-1",),
    "Vela X-1": ("Vela XR-1",),
    "Vela Pulsar": ("PSR J0835-4510", "PSR B0833-45"),
    "Cen A": ("NGC 5128", "Centaurus A"),
    "Cen X-3": ("V779 Cen", "Centaurus X-3"),
    "Her X-1": ("Hercules X-1",),
    "AX J1745.6-2900": ("Sgr A*", "Sagittarius A*"),
    "GX 1+4": ("V2116 Oph",),
    "GX 17+2": ("4U 1813-14",),
    "GRS 1915+105": ("V1487 Aql",),
    "GRO J1655-40": ("Nova Sco 1994",),
    "1A 0535+262": ("A 0535+26", "1A 0535+26", "A0535+262"),
    "EXO 0331+530": ("V 0332+53", "V0332+53"),
    "3C 273": ("PKS 1226+02", "QSO B1226+023"),
    "3C 279": ("PKS 1253-05", "QSO B1253-055"),
    "NGC 1275": ("Perseus A", "3C 84"),
    "NGC 1068": ("M 77",),
    "Mrk 421": ("Markarian 421", "Mkn 421"),
    "Mrk 501": ("Markarian 501", "Mkn 501"),
    "Cas A": ("Cassiopeia A", "3C 461"),
    "MAXI J1820+070": ("ASASSN-18ey",),
    "SGR 1806-20": ("PSR J1808-2024",),
    "H 0614+091": ("4U 0614+09", "4U 0614+091"),
    "IGR J17464-3213": ("H 1743-322",),
    "H 1820-303": ("4U 1820-30",),
    "Ginga 1826-24": ("GS 1826-238", "GS 1826-24"),
    "SS 433": ("V1343 Aql",),
    "GT 0236+610": ("LS I +61 303", "V615 Cas"),
    "RX J1826.2-1450": ("LS 5039", "V479 Sct"),
    "PSR B1259-63": ("LS 2883", "PSR J1302-6350"),
    "3A 1728-169": ("4U 1728-169",),
    "H 0115+634": ("4U 0115+634",),
    "H 1636-536": ("4U 1636-536",),
    "4U 1722-30": ("4U 1724-30",),
    "4U 1735-444": ("4U 1735-44",),
    "3A 1822-371": ("4U 1822-37", "X 1822-371"),
    "H 1538-522": ("4U 1538-522",),
    "4U 1916-053": ("4U 1915-05",),
    "GX 301-2": ("4U 1223-62",),
    "H 1705-440": ("4U 1705-440",),
    "3A 0114+650": ("2S 0114+650",),
    "4U 1730-335": ("MXB 1730-335",),
    "H 1658-298": ("MXB 1658-298", "MXB 1659-298"),
    "1A 1742-294": ("A 1742-294",),
    "1A 1118-615": ("A 1118-616", "A 1118-61"),
    "Circinus Galaxy": ("Circinus",),
    "Gam Cas": ("gamma Cas",),
    "H 1907+097": ("4U 1907+097",),
    "4U 1901+03": ("4U 1901+031",),
    "4U 0022+63": ("Tycho",),
    "1H 1045-597": ("eta Car",),
    "QSO B0836+710": ("QSO B0836+71", "S5 0836+71"),
    "H 1624-490": ("4U 1624-490",),
    "MCG-05-23-016": ("MCG-5-23-16",),
    "MCG+08-11-011": ("MCG+8-11-11",),
    "1A 1744-361": ("A 1744-361",),
}
# Typing errors in the comments of the catalogue, and what is meant.
CORRECTED = {
    "G9 9+9": "GX 9+9",
    "ScX X-2": "Sco X-2",
    "1E 1841-04.5": "1E 1841-045",
    "Eta Carina": "Eta Carinae",
    "Mr8 841": "Mrk 841",
    "Nkn 352": "Mkn 352",
}
ADDED = (
    {
        "name": "SGR 1935+2154",
        "ra": "293.73199",
        "dec": "21.89672",
        "error_radius": "0.0003",
        "source_id": "",
        "class_number": 1000,
        "rate_20_60": "",
        "rate_60_200": "",
        "spectral_model": "",
        "spectral_parameters": "",
        "aliases": "",
        "origin": "added by hand: position used by OSA for science window 255900280010",
    },
)


def main() -> None:
    """Read the files named on the command line and write the catalogue."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", type=Path, nargs="+", help="subsets of gnrl_refr_cat_0043.fits")
    sources = {row["SOURCE_ID"]: row for path in parser.parse_args().files for row in read(path)}
    check_aliases({row["NAME"].strip() for row in sources.values()})
    claims = Counter(match_key(name) for row in sources.values() for name in aliases(row))
    records = [*ADDED, *(record(row, claims) for row in sources.values())]
    OUTPUT.write_text(HEADER + as_csv(records), encoding="utf-8")


def read(path: Path) -> list[Any]:
    """Return the rows of one file."""
    with fits.open(path) as units:
        return list(units["GNRL-REFR-CAT"].data.copy())


def record(row: Any, claims: Counter[str]) -> dict[str, object]:
    """Return the fields to keep of a row, with the expected ones of its disputed aliases."""
    expected = ALIASES.get(row["NAME"].strip(), ())
    kept = [name for name in aliases(row) if name in expected or claims[match_key(name)] == 1]
    return {
        "name": row["NAME"].strip(),
        "ra": f"{row['RA_OBJ']:.5f}",
        "dec": f"{row['DEC_OBJ']:.5f}",
        "error_radius": f"{row['ERR_RAD']:.3g}",
        "source_id": row["SOURCE_ID"].strip(),
        "class_number": int(row["CLASS"]),
        "rate_20_60": rate(row["ISGR_FLUX_1"]),
        "rate_60_200": rate(row["ISGR_FLUX_2"]),
        "spectral_model": model(row),
        "spectral_parameters": parameters(row),
        "aliases": "|".join(kept),
        "origin": ORIGIN,
    }


def rate(value: float) -> str:
    """Return a rate as text; the catalogue writes zero where it has none."""
    return f"{value:.4g}" if value > 0 else ""


def model(row: Any) -> str:
    """Return the spectral model; the catalogue writes N/A where it has none."""
    return row["SPE_MODL"].strip().replace("N/A", "")


def parameters(row: Any) -> str:
    """Return the parameters of the spectral model, separated by blanks."""
    values = row["SPE_PARS"][: row["SPE_NPAR"]] if model(row) else ()
    return " ".join(f"{value:.6g}" for value in values)


def aliases(row: Any) -> list[str]:
    """Return the other names of a source: the expected ones and those in its comment."""
    name, comment = row["NAME"].strip(), row["COMMENTS"].strip()
    listed = [text.strip().removeprefix("V* ") for text in comment.split(",")]
    if len(comment) >= LONGEST_COMMENT - 1:
        listed.pop()
    listed = [CORRECTED.get(text, text) for text in listed]
    usable = [text for text in listed if is_name(text) and agrees(text, row)]
    found = {match_key(text): text for text in (*usable, *ALIASES.get(name, ()))}
    return [text for key, text in found.items() if key != match_key(name)]


def agrees(name: str, row: Any) -> bool:
    """Tell whether the position in a name, if there is one, is that of the source.

    The comments of the catalogue hold some names of other sources. The tolerance of 2 degrees
    allows for names of 1950 and for the error boxes of the first satellites.
    """
    found = POSITION.search(name)
    if found is None:
        return True
    hours, minutes, degrees = (int(found[group]) for group in ("hours", "minutes", "degrees"))
    ra, dec = 15 * (hours + minutes / 60), int(f"{found['sign']}1") * (degrees + 0.5)
    return bool(separations(row["RA_OBJ"], row["DEC_OBJ"], ra, dec) < TOLERANCE)


def is_name(text: str) -> bool:
    """Tell a name from a remark: remarks doubt ("?"), explain ("in Ter 5") or are too short."""
    return bool(re.fullmatch(r"[A-Z0-9\[][^?|]{2,29}", text))


def check_aliases(names: set[str]) -> None:
    """Refuse aliases of sources that are not there."""
    missing = sorted(ALIASES.keys() - names)
    if missing:
        message = f"no such sources: {', '.join(missing)}"
        raise SystemExit(message)


def as_csv(records: list[dict[str, object]]) -> str:
    """Return the records as CSV, in order of right ascension."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(sorted(records, key=lambda record: float(str(record["ra"]))))
    return text.getvalue()


if __name__ == "__main__":
    main()
