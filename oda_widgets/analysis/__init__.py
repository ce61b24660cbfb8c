"""The steps of the analysis as nodes: from events to images, spectra and light curves."""
