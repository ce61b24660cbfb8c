"""Geometry, mask, channels and response of the instruments."""
