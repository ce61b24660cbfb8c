"""Energies of ISGRI events from pulse heights, with OSA's tables or on instrumental lines."""
