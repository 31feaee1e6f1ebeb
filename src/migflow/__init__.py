"""From population registers to migration statistics."""

from importlib.metadata import version

__version__ = version("migflow")
