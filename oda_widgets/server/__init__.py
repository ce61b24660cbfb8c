"""The dispatcher's protocol over our backends, for oda_api and everything written for it."""
