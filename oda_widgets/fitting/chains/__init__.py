"""Chains: walkers, priors and intervals of parameters."""
