"""Facts that help to ask: names, reference catalogue, revolutions and times."""
