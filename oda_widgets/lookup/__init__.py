"""Facts for making queries: names, reference catalogue, revolutions and times."""
