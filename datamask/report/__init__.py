"""What people and programs get to read: text, JSON, progress."""
