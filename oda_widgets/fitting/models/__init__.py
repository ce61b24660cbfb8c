"""Model expressions, XSPEC's library and its NumPy twins."""
