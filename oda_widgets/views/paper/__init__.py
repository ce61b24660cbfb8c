"""Figures for publication, by matplotlib.

This room imports matplotlib at once; it is itself imported late, when a figure is asked for.
"""

from oda_widgets.views.paper.publish import figure, render

__all__ = ["figure", "render"]
