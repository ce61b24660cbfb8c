"""Mirrors: archives on a web server, whose files are fetched when needed, and cached."""
