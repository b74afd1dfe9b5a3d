"""The test runner's side: a pytest plugin that gives tests databases of masked data, each a fresh clone."""
