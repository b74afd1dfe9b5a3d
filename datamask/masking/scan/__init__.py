"""Finding personal data inside of text: over a column's bytes at once, precisely where something may be."""
