"""Clerical review: uncertain links go out to people as a workbook, and their decisions come back."""
