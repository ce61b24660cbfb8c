"""Provenance: nodes, the store of their results, and the record that a product carries."""
