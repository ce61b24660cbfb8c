"""The simulated mission: INTEGRAL's real pointings, a sky of known sources, traced photons."""
