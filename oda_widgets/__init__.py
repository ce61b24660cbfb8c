"""INTEGRAL hard X-ray analysis in Jupyter: images, catalogues, spectra and light curves."""

import lazy_loader

from oda_widgets import wiring as wiring

# The names are listed, with their types, in __init__.pyi; each is imported at first use.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
