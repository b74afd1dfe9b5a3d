-- Server settings that bear on what a copy of the database can hold.
SELECT name, setting
  FROM pg_catalog.pg_settings
 WHERE name IN ('block_size', 'default_toast_compression', 'lc_ctype', 'max_connections',
                'max_identifier_length', 'server_encoding', 'server_version', 'wal_level');
