"""From population registers to migration statistics."""
