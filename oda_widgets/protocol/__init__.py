"""The dispatcher's language, on which its client and its server stand."""
