"""Like steps of a history, stacked: the images of fifty windows are one stack."""

from __future__ import annotations

from collections.abc import Sequence

from oda_widgets.provenance.step import Step


def layers_of(steps: Sequence[Step]) -> dict[str, int]:
    """Return how many steps each is away from the product, by the longest way.

    Parameters
    ----------
    steps
        The history of a product, inputs before users.
    """
    layers = dict.fromkeys((step.id for step in steps), 0)
    for step in reversed(steps):
        for source in step.inputs:
            layers[source] = max(layers.get(source, 0), layers[step.id] + 1)
    return layers


def stacked(steps: Sequence[Step]) -> list[tuple[int, tuple[Step, ...]]]:
    """Return the steps of one name and one distance from the product together.

    Parameters
    ----------
    steps
        The history of a product, inputs before users.

    Returns
    -------
    stacks
        The distance of each stack from the product and its steps, the farthest first.
    """
    layers = layers_of(steps)
    members: dict[tuple[int, str], list[Step]] = {}
    for step in sorted(steps, key=lambda step: -layers[step.id]):
        members.setdefault((layers[step.id], step.name), []).append(step)
    return [(layer, tuple(found)) for (layer, _), found in members.items()]
