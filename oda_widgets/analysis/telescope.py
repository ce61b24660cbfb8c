"""The properties of a coded-mask telescope that mosaics use."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from oda_widgets.engine.aperture import Aperture
from oda_widgets.engine.scene import Scene
from oda_widgets.provenance.payload import Payload


@dataclass(frozen=True)
class Telescope:
    """A coded-mask telescope in a band of energies.

    Parameters
    ----------
    aperture
        Mask and detector that cast the shadows.
    scene_in
        Returns the scene, without sources, in the result of the image of a science window.
    mosaic
        Name of the step that adds up its images.
    """

    aperture: Aperture
    scene_in: Callable[[Payload], Scene]
    mosaic: str
