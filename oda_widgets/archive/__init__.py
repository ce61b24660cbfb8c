"""Where photons come from: one protocol over real archives and the bundled sample."""
