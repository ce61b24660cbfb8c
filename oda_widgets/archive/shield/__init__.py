"""Counts of the shield of SPI (SPI-ACS) from archives and services."""
