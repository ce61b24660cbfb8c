"""Counts of the shield of SPI (SPI-ACS) from wherever they are."""
