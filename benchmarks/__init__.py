"""Measurements of the linkage engine beside Splink and recordlinkage; never imported by the package."""
