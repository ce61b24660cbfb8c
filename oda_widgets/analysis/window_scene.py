"""The scene of a science window as part of a result: its counts and its background.

With it a window can be cleaned again without its events.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from oda_widgets.engine.background import Background
from oda_widgets.engine.background_shapes import shapes_with_modules, smooth_shapes
from oda_widgets.engine.pixel_health import PixelHealth
from oda_widgets.engine.scene import Scene
from oda_widgets.engine.shadowgram import Shadowgram
from oda_widgets.provenance.payload import Array, Payload

_NO_SOURCES = np.zeros((0, 2))


def scene_facts(scene: Scene) -> dict[str, Any]:
    """Return the numbers that describe a scene."""
    background = scene.background
    health = background.health
    return {
        "seconds": scene.shadowgram.seconds,
        "excess": background.excess,
        "components": scene.n_background,
        "dead": None if health is None else health.dead,
    }


def scene_arrays(scene: Scene) -> dict[str, Array]:
    """Return the images that describe a scene."""
    background = scene.background
    arrays: dict[str, Array] = {
        "counts": scene.shadowgram.counts.astype(np.float32),
        "efficiency": background.efficiency.astype(np.float32),
        "scatter": background.scatter.astype(np.float32),
    }
    if background.stiffness is not None:
        arrays["stiffness"] = background.stiffness
    if background.health is not None:
        arrays["health_used"] = background.health.used
        arrays["silent"] = background.health.silent
        if background.health.silent.any():
            arrays["totals"] = background.health.totals.astype(np.float32)
    return arrays


def scene_in(result: Payload) -> Scene:
    """Return the scene in a result, without sources."""
    facts, arrays = result.facts["scene"], result.arrays
    efficiency = arrays["efficiency"].astype(float)
    shapes = smooth_shapes()
    if facts["components"] != len(shapes):
        shapes = shapes_with_modules()
    health = None
    if "silent" in arrays:
        pixels = arrays["health_used"], arrays["silent"]
        totals = arrays.get("totals", np.zeros(efficiency.shape)).astype(float)
        health = PixelHealth(*pixels, facts["dead"], totals)
    background = Background(
        columns=shapes * efficiency,
        efficiency=efficiency,
        scatter=arrays["scatter"].astype(float),
        stiffness=arrays.get("stiffness"),
        excess=facts["excess"],
        health=health,
    )
    image = Shadowgram(arrays["counts"].astype(float), facts["seconds"])
    return Scene(image, background, _NO_SOURCES)
