"""The history of a product as a graph."""
