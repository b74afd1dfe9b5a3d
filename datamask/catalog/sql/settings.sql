-- Settings that bear on what a copy of the database can hold, and the database's own locale: its columns
-- differ between versions, so the row is read as a whole.
SELECT name, setting
  FROM pg_catalog.pg_settings
 WHERE name IN ('block_size', 'default_toast_compression', 'max_connections',
                'max_identifier_length', 'server_encoding', 'server_version', 'wal_level')
UNION ALL
SELECT e.key, e.value
  FROM pg_catalog.pg_database d, pg_catalog.jsonb_each_text(pg_catalog.to_jsonb(d)) e
 WHERE d.datname = pg_catalog.current_database()
   AND e.key IN ('datlocprovider', 'datctype', 'datlocale', 'daticulocale')
   AND e.value IS NOT NULL;
