"""Apps: a function of a notebook as a page with controls, figures and published numbers."""

from oda_widgets.panels.apps.app import App

__all__ = ["App"]
