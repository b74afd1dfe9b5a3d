"""Settings files as typed values: documents, secret references, environments."""
