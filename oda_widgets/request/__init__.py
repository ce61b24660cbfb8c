"""Queries and their parts: frozen values that touch neither disk nor network."""
