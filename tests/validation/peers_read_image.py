"""Print what gammapy reads of a sky image: units, width and value at a position, as JSON.

Run in an environment that has gammapy: ``python peers_read_image.py image.fits RA DEC``.
"""

from __future__ import annotations

import json
import sys
import warnings


def main() -> None:
    """Read the maps of the file."""
    from astropy.coordinates import SkyCoord
    from gammapy.maps import Map

    warnings.simplefilter("ignore")
    path, ra, dec = sys.argv[1], float(sys.argv[2]), float(sys.argv[3])
    maps = [Map.read(path, hdu=number) for number in range(2, 6)]
    place = SkyCoord(ra, dec, unit="deg", frame="icrs")
    found = {
        "units": [str(one.unit) for one in maps],
        "width": [float(w) for w in maps[0].geom.width.to_value("deg").ravel()],
        "values": [float(one.get_by_coord({"skycoord": place})[0]) for one in maps],
    }
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main()
