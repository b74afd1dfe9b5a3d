"""Rows that nobody lived: from a schema, or from a profile of masked rows."""
