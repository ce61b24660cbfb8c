"""Uncertainties: profiles, contours, other minima, goodness of fit."""
