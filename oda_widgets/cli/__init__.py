"""The command line: thin wrappers over the calls of the package."""
