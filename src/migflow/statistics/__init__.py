"""Published tables: one SQL file each, the identities that hold among them, and their charts."""
