-- Settings that bear on how a snapshot or a load goes: name and value in the unit of pg_settings.
SELECT name, setting
  FROM pg_catalog.pg_settings
 WHERE name IN ('archive_mode', 'synchronous_standby_names', 'synchronous_commit', 'max_wal_size',
                'maintenance_work_mem', 'autovacuum', 'old_snapshot_threshold', 'log_statement',
                'default_transaction_read_only', 'hot_standby');
