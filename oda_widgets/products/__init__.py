"""What comes back: images, catalogues, spectra, responses and light curves, and their files."""
