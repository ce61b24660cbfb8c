"""Energies of ISGRI events: from pulse height and rise time, by OSA's tables or by the lines."""
