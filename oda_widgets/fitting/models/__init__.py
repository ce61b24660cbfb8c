"""Model expressions, XSPEC's library and NumPy re-implementations of its simple models."""
