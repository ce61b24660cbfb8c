"""Products: images, spectra, responses and light curves, and the files of them."""
