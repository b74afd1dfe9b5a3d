"""Jobs: named, scheduled chains of verbs. Pure."""
