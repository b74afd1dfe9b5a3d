"""What the columns of a database hold: classes, discovery, the classification file."""
