-- Prepared transactions: name, database, seconds.
SELECT gid, database::text, EXTRACT(EPOCH FROM pg_catalog.clock_timestamp() - prepared)::float8
  FROM pg_catalog.pg_prepared_xacts
 ORDER BY prepared;
