"""Write oda_widgets/archive/simulated/observations.csv from a list of INTEGRAL's observations.

::

    python scripts/make_observations.py observations.dat.gz

Only facts are taken: number, position, start and duration of each observation. One is added that
the list lacks and the paper of ODA needs.
"""

from __future__ import annotations

import argparse
import gzip
from dataclasses import dataclass
from pathlib import Path

from oda_widgets.files import write_whole
from oda_widgets.request.timespan import to_ijd

OUTPUT = Path(__file__).parents[1] / "oda_widgets" / "archive" / "simulated" / "observations.csv"
HEADER = """\
# Facts of INTEGRAL's observations, 2002-11 to 2022-02, scheduled and archived by ESA and the ISDC
# (University of Geneva); written by scripts/make_observations.py, not by hand.
# number; position of the target, degrees, J2000; start, IJD days; duration, seconds.
number,ra,dec,start,seconds
"""


@dataclass(frozen=True, order=True)
class Observation:
    """What the list says about an observation; in order of time."""

    start: float
    number: str
    ra: float
    dec: float
    seconds: float

    @property
    def line(self) -> str:
        """The observation as a line of the file."""
        return f"{self.number},{self.ra:.4f},{self.dec:.4f},{self.start:.5f},{self.seconds:.0f}"


# The list lacks the target of opportunity on 3C 279; its time is that of the light curve in
# Bottacini et al. 2016, ApJ 832, 17, which starts 0.16 d into MJD 57188.
FLARE_OF_3C_279 = Observation(
    to_ijd("2015-06-15T03:50:00"), "00000000279", 194.0465, -5.7893, 55700
)


def main() -> None:
    """Read the list named on the command line and write the observations."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("list", type=Path, help="number, RA, Dec, start (UTC), duration per line")
    with gzip.open(parser.parse_args().list, "rt", encoding="ascii") as lines:
        observations = [_read(line) for line in lines]
    observations.append(FLARE_OF_3C_279)
    text = HEADER + "".join(f"{one.line}\n" for one in sorted(observations))
    write_whole(OUTPUT, text.encode())


def _read(line: str) -> Observation:
    number, ra, dec, start, seconds = line.split()
    return Observation(to_ijd(start), number, float(ra), float(dec), float(seconds))


if __name__ == "__main__":
    main()
