"""Sources of events: one protocol over real archives, the sample and the simulated mission."""
