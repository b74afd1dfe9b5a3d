"""Results of commands as text for people and as the JSON objects of ``docs/reference/json.md``."""
