"""datamask: test-data management and anonymization for PostgreSQL."""
