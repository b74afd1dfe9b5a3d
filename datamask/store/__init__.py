"""Where snapshots live: drafts that nobody sees, published artifacts that nobody changes."""
