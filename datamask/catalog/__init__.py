"""What a database contains."""
