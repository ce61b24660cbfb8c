"""How it came to be: nodes, the store of their results, and the record that users get."""
