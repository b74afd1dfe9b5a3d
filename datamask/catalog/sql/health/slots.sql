-- Replication slots: name, whether somebody reads from it, its state, bytes of WAL that it keeps.
SELECT slot_name::text,
       active,
       wal_status,
       pg_catalog.pg_wal_lsn_diff(
           CASE WHEN pg_catalog.pg_is_in_recovery() THEN pg_catalog.pg_last_wal_receive_lsn()
                ELSE pg_catalog.pg_current_wal_lsn() END, restart_lsn)::int8
  FROM pg_catalog.pg_replication_slots
 WHERE NOT temporary
 ORDER BY slot_name;
