"""The simulated JEM-X: the same pointings and sky as ISGRI's, photons through a stand-in mask."""
