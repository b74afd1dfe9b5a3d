-- A database's size (null where the role may not connect to it), and where the server's data is (null where it may
-- not be told).
SELECT CASE WHEN pg_catalog.has_database_privilege(d.datname, 'CONNECT')
                 OR pg_catalog.pg_has_role('pg_read_all_stats', 'USAGE')
            THEN pg_catalog.pg_database_size(d.oid) END,
       COALESCE(NULLIF(pg_catalog.pg_tablespace_location(d.dattablespace), ''),
                CASE WHEN pg_catalog.pg_has_role('pg_read_all_settings', 'USAGE')
                     THEN pg_catalog.current_setting('data_directory', true) END)
  FROM pg_catalog.pg_database d
 WHERE d.datname = %s;
