"""The version of the package; the distribution takes it from here."""

__version__ = "0.2.0"
