-- The database as a whole: one row.
SELECT d.datname::text,
       d.oid::int8,
       pg_catalog.pg_encoding_to_char(d.encoding)::text,
       d.datcollate::text,
       pg_catalog.pg_is_in_recovery(),
       (SELECT pg_catalog.count(*) FROM pg_catalog.pg_largeobject_metadata),
       pg_catalog.has_function_privilege('pg_catalog.pg_control_system()', 'EXECUTE')
  FROM pg_catalog.pg_database d
 WHERE d.datname = pg_catalog.current_database();
