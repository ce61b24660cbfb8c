"""Print what gammapy reads of a spectrum, and the photon index that it fits, as JSON.

Run in an environment that has gammapy: ``python peers_read_spectrum.py pha.fits LOW HIGH``.
"""

from __future__ import annotations

import json
import logging
import sys
import warnings


def main() -> None:
    """Read the files of the spectrum and fit a power law between two energies in keV."""
    import numpy as np
    from astropy import units
    from gammapy.datasets import SpectrumDatasetOnOff
    from gammapy.modeling import Fit
    from gammapy.modeling.models import PowerLawSpectralModel, SkyModel

    warnings.simplefilter("ignore")
    logging.disable()
    path, low, high = sys.argv[1], float(sys.argv[2]), float(sys.argv[3])
    dataset = SpectrumDatasetOnOff.read(path)
    energy = dataset.counts.geom.axes["energy"].center.to_value("keV")
    good = dataset.mask_safe.data.copy()
    inside = good & ((energy > low) & (energy < high)).reshape(good.shape)
    kernel = dataset.edisp.get_edisp_kernel()
    scale = dataset.alpha.data
    found = {
        "good": good.ravel().tolist(),
        "net": (dataset.counts.data - scale * dataset.counts_off.data).ravel().tolist(),
        "variance": (dataset.counts.data + scale**2 * dataset.counts_off.data).ravel().tolist(),
        "exposure": dataset.exposure.quantity.to_value("cm2 s").ravel().tolist(),
        "matrix": kernel.pdf_matrix.tolist(),
    }
    dataset.mask_fit = dataset.counts.copy(data=inside)
    law = PowerLawSpectralModel(index=2, amplitude="1e-3 cm-2 s-1 keV-1", reference=50 * units.keV)
    dataset.models = [SkyModel(spectral_model=law)]
    found["converged"] = bool(Fit().run([dataset]).success)
    found["index"], found["error"] = float(law.index.value), float(law.index.error)
    sys.stdout.write(json.dumps(found, default=np.ndarray.tolist) + "\n")


if __name__ == "__main__":
    main()
