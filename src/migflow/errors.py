"""The error a person is meant to read: what is wrong, where, and what to do."""


class MigflowError(Exception):
    """Base of every error that bad input or a wrong setting can cause; its text is shown without a traceback."""
