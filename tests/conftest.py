"""Settings of all tests: an example of hypothesis may take as long as the compiling of what it calls."""

from hypothesis import settings

settings.register_profile("migflow", deadline=None)
settings.load_profile("migflow")
