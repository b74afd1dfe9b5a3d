"""Who did what to which data: an append-only, hash-chained record."""
