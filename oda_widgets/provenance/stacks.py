"""Group similar steps of a history: the images of fifty windows form one stack."""

from __future__ import annotations

from collections.abc import Sequence

from oda_widgets.provenance.step import Step


def layers_of(steps: Sequence[Step]) -> dict[str, int]:
    """Return the distance of each step from the product, along the longest path, in steps.

    Parameters
    ----------
    steps
        History of a product, inputs before users.
    """
    layers = dict.fromkeys((step.id for step in steps), 0)
    for step in reversed(steps):
        for source in step.inputs:
            layers[source] = max(layers.get(source, 0), layers[step.id] + 1)
    return layers


def stacked(steps: Sequence[Step]) -> list[tuple[int, tuple[Step, ...]]]:
    """Group the steps with the same name and the same distance from the product.

    Parameters
    ----------
    steps
        History of a product, inputs before users.

    Returns
    -------
    stacks
        Distance of each stack from the product, and its steps; the farthest first.
    """
    layers = layers_of(steps)
    members: dict[tuple[int, str], list[Step]] = {}
    for step in sorted(steps, key=lambda step: -layers[step.id]):
        members.setdefault((layers[step.id], step.name), []).append(step)
    return [(layer, tuple(found)) for (layer, _), found in members.items()]
