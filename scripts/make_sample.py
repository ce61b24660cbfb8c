"""Pack an event file as the bundled sample.

The bundled one is in demo/data of the source distribution of `isgri` 0.7.2::

    pip download --no-deps --no-binary :all: isgri==0.7.2
    python scripts/make_sample.py isgri_events.fits.gz
"""

from __future__ import annotations

import argparse
from io import BytesIO
from pathlib import Path

import numpy as np

from oda_widgets.archive.codec import encode
from oda_widgets.archive.event_file import read_raw_window
from oda_widgets.archive.sample import SAMPLE_IDENTIFIER
from oda_widgets.files import write_whole

FOLDER = Path(__file__).parents[1] / "oda_widgets" / "archive" / "sample"


def main() -> None:
    """Read the event file named on the command line and write the sample."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("event_file", type=Path, help="isgri_events.fits.gz of 255900280010.001")
    raw = read_raw_window(parser.parse_args().event_file, SAMPLE_IDENTIFIER)
    packed = BytesIO()
    np.savez_compressed(packed, **encode(raw))
    write_whole(FOLDER / f"{SAMPLE_IDENTIFIER}.npz", packed.getvalue())


if __name__ == "__main__":
    main()
