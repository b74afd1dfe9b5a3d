"""What several test modules need: databases to try things on, and ways to compare two of them."""
