"""From an artifact into a database: build it aside, make it a golden, clone it, swap it in."""
