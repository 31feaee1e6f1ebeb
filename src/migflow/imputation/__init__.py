"""Uncertainty of the accounts that comes from linkage: links drawn from their posterior, and what follows from them."""
