-- Of a standby: seconds behind (null where that cannot be told), whether its replay is paused, whether the primary
-- keeps what queries here still need, and milliseconds until a query is cancelled for the replay (-1: never).
SELECT CASE WHEN pg_catalog.pg_last_wal_receive_lsn() = pg_catalog.pg_last_wal_replay_lsn() THEN 0
            ELSE EXTRACT(EPOCH FROM pg_catalog.clock_timestamp() - pg_catalog.pg_last_xact_replay_timestamp())
       END::float8,
       pg_catalog.pg_is_wal_replay_paused(),
       pg_catalog.current_setting('hot_standby_feedback')::bool,
       (SELECT setting::int FROM pg_catalog.pg_settings WHERE name = 'max_standby_streaming_delay');
