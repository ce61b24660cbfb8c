"""Spectral fits: XSPEC models, folding, statistics, errors, chains."""
