"""The files of the products.

The modules of this room import astropy at their top. The product classes import them late, inside
`write`, `save` and `read`, so that a product costs no import of astropy before it meets a file.
"""
