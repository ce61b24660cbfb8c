"""Write oda_widgets/archive/simulated/observations.csv from a list of INTEGRAL's observations.

::

    python scripts/make_observations.py observations.dat.gz

Only facts are taken: number, position, start and duration of each observation. What the list lacks
and the paper of ODA needs is added: a target of opportunity, and the Crab in every year.
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
    """One observation of the list; sorts by time."""

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
# Bottacini et al. 2016, ApJ 832, 17, which starts 0.16 d into MJD 57188. It is held until that on
# V404 Cyg begins, and takes the place of two observations.
FLARE_OF_3C_279 = Observation(
    to_ijd("2015-06-15T03:50:00"), "00000000279", 194.0465, -5.7893, 236_300
)
REPLACED = frozenset({"88801130004", "88801130005"})
# The list has no Crab in these years, or hardly any. The times are nominal: spring and autumn, when
# the Sun allows it, where the list has a gap.
CRAB_SECONDS = 60_000
CRAB_TIMES = (
    "2004-03-16T14:00:00", "2004-09-26T00:00:00",
    "2006-03-16T23:00:00", "2006-09-21T07:00:00", "2007-03-10T06:00:00", "2007-09-18T06:00:00",
    "2008-03-09T18:00:00", "2008-09-20T04:00:00", "2011-03-15T00:00:00", "2011-09-22T00:00:00",
    "2012-03-14T00:00:00", "2012-09-21T00:00:00", "2013-03-20T09:00:00", "2013-09-27T07:00:00",
)  # fmt: skip
CRAB = tuple(
    Observation(to_ijd(start), f"{number:011d}", 83.6331, 22.0145, CRAB_SECONDS)
    for number, start in enumerate(CRAB_TIMES, 1)
)


def main() -> None:
    """Read the list named on the command line and write the observations."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("list", type=Path, help="number, RA, Dec, start (UTC), duration per line")
    with gzip.open(parser.parse_args().list, "rt", encoding="ascii") as lines:
        observations = [_read(line) for line in lines]
    observations = [one for one in observations if one.number not in REPLACED]
    observations += [FLARE_OF_3C_279, *CRAB]
    text = HEADER + "".join(f"{one.line}\n" for one in sorted(observations))
    write_whole(OUTPUT, text.encode())


def _read(line: str) -> Observation:
    number, ra, dec, start, seconds = line.split()
    return Observation(to_ijd(start), number, float(ra), float(dec), float(seconds))


if __name__ == "__main__":
    main()
