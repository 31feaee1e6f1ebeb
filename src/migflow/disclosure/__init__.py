"""Statistical disclosure control: what may be shown of a set of linked tables, and proof that the rest stays hidden."""
