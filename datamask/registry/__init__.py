"""The registry: a database of snapshots, loads, runs and approvals. A record, never the authority."""
