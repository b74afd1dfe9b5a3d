"""What differs between a database and what it should be: schema and data."""
