"""The site with its methods, its jobs, and the backends that make the products."""
