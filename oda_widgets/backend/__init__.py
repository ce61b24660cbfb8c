"""The site that users talk to, its jobs, and the backends that answer their queries."""
