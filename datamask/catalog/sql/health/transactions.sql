-- Transactions that have been open for long, the oldest first: process, who, by which program, seconds, whether it
-- keeps dead rows from being removed. Of other roles' sessions only a role with pg_read_all_stats sees them.
SELECT pid,
       usename::text,
       application_name,
       EXTRACT(EPOCH FROM pg_catalog.clock_timestamp() - xact_start)::float8,
       backend_xid IS NOT NULL OR backend_xmin IS NOT NULL
  FROM pg_catalog.pg_stat_activity
 WHERE pid <> pg_catalog.pg_backend_pid()
   AND xact_start < pg_catalog.clock_timestamp() - pg_catalog.make_interval(secs => %s)
   AND backend_type = 'client backend'
 ORDER BY xact_start;
