"""Scenarios: named recipes of data for tests, as files that people review."""
