"""Text as registers hold it, brought to a form in which records can be compared."""
