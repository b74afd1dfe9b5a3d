-- Only run where the role may: the right is checked before the first row.
SELECT system_identifier::text FROM pg_catalog.pg_control_system();
