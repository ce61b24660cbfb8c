"""The dispatcher's language: its parameters, its answers and its products; no network here."""
