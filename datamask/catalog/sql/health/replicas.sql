-- Replicas of a primary: name, state, seconds behind. Only a role with pg_read_all_stats sees the times.
SELECT application_name, state, EXTRACT(EPOCH FROM replay_lag)::float8
  FROM pg_catalog.pg_stat_replication
 ORDER BY application_name;
