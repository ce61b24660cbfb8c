"""Chains: walkers, priors and what they say of parameters."""
