"""A server that replies as the ISDC's services for SPI-ACS do, or as they do on a bad day."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

from oda_widgets.archive.simulated.shield import SimulatedShield
from oda_widgets.errors import EmptySelection
from oda_widgets.products.shield import ShieldCounts
from oda_widgets.request.timespan import SECONDS_PER_DAY, isot_utc, to_ijd

PLACE = (198.394, 71.787, 143490.5)
PAGE = "<!DOCTYPE html><html><body><h1>Generator &lt;exception&gt;</h1><p>{}</p></body></html>"


class ShieldServer(ThreadingHTTPServer):
    """Serves simulated counts in the formats of the services; counts the requests.

    Parameters
    ----------
    wrong
        A reply to send instead of counts: (status, text).
    """

    def __init__(self, wrong: tuple[int, str] | None = None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.wrong = wrong
        self.asked: list[str] = []

    @property
    def address(self) -> str:
        """Base address of the service like that of MMODA."""
        return f"http://127.0.0.1:{self.server_port}/gw/integralhk/api/v1.0"

    @property
    def older(self) -> str:
        """Address of the service like ``spiacs.pl``."""
        return f"http://127.0.0.1:{self.server_port}/~savchenk/spiacs-online/spiacs.pl"


@contextmanager
def serving_shield(wrong: tuple[int, str] | None = None) -> Iterator[ShieldServer]:
    """Run such a server."""
    server = ShieldServer(wrong)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    server: ShieldServer

    def do_GET(self) -> None:  # the name that http.server looks for
        parts = urlsplit(self.path)
        words = {name: values[0] for name, values in parse_qs(parts.query).items()}
        self.server.asked.append(self.path)
        status, text = 200, ""
        if "/ephs/" in parts.path or words.get("generate") == "ephs":
            text = "{:.3f} {:.3f} {:.1f}\n0.012 0.012 30.0".format(*PLACE)
        elif self.server.wrong is not None:
            status, text = self.server.wrong
        elif parts.path.endswith(".pl"):
            time, span = words["requeststring"].split()
            text = ipnlc(to_ijd(time), float(span)).replace("\n", "<br>\n")
        else:
            *_, time, span = unquote(parts.path).split("/")
            text = json.dumps(genlc(to_ijd(time), float(span)))
        content = text.encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        if status in {301, 302}:
            self.send_header("Location", "https://elsewhere.example/acs")
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


def genlc(time: float, span: float) -> str:
    """Return the reply of genlc: middles of bins in IJD."""
    start = time - span / SECONDS_PER_DAY
    counts, midnight = _counts(start, time + span / SECONDS_PER_DAY), _midnight(start)
    if counts is None:
        return "ZeroData()"
    utc = isot_utc(start)
    lines = [
        "# please take care! the UTC reference times are computed assuming no leap seconds",
        f"# reference (start) UTC is: {utc} {(start - midnight) * SECONDS_PER_DAY:.15g}",
        "# columns are:",
        "# [IJD] [seconds since reference] [counts in bin] [seconds since midnight]",
    ]
    for first, number in zip(counts.start.tolist(), counts.counts.tolist(), strict=True):
        middle = first + 0.025 / SECONDS_PER_DAY
        since, day = ((middle - zero) * SECONDS_PER_DAY for zero in (start, midnight))
        lines.append(f"{middle:.20g} {since:.10g} {number:.5g} {day:.15g}")
    return "\n".join([*lines, ""])


def ipnlc(time: float, span: float) -> str:
    """Return the reply of ipnlc: starts of bins in seconds from the time that was asked for."""
    half = span / SECONDS_PER_DAY
    counts, midnight = _counts(time - half, time + half), _midnight(time)
    if counts is None:
        return PAGE.format("GeneratorException: empty lc!")
    year, month, day = isot_utc(time)[:10].split("-")
    seconds = (time - midnight) * SECONDS_PER_DAY
    lines = [
        f"'INTEGRAL  ' '{day}/{month}/{year[2:]}' {seconds:10.5f} 100.000  10000.000",
        f"{0:10.5f} 0.05000000",
    ]
    for first, number in zip(counts.start.tolist(), counts.counts.tolist(), strict=True):
        lines.append(f"{(first - time) * SECONDS_PER_DAY:10.3f} {number:10.5f}")
    return "\n".join([*lines, ""])


def _counts(start: float, stop: float) -> ShieldCounts | None:
    try:
        return SimulatedShield(7).data(start, stop).counts
    except EmptySelection:
        return None


def _midnight(time: float) -> float:
    return to_ijd(isot_utc(time)[:10])
