"""Photon-by-photon simulator of IBIS/ISGRI: ground truth for the tests.

Every photon is sent down a straight line through the physical mask and lands on a
pixel or is lost; it keeps a tag that says where it came from. Nothing here knows of
illumination functions, and nothing is shared with the package under test.
"""
