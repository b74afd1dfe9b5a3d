-- How many connections there may be, how many there are, and the limits of this role and this database (-1: none).
SELECT pg_catalog.current_setting('max_connections')::int
           - pg_catalog.current_setting('superuser_reserved_connections')::int
           - COALESCE(pg_catalog.current_setting('reserved_connections', true), '0')::int,
       (SELECT pg_catalog.sum(numbackends)::int FROM pg_catalog.pg_stat_database),
       r.rolconnlimit,
       (SELECT pg_catalog.count(*)::int FROM pg_catalog.pg_stat_activity WHERE usename = current_user),
       d.datconnlimit,
       (SELECT numbackends FROM pg_catalog.pg_stat_database WHERE datid = d.oid)
  FROM pg_catalog.pg_roles r, pg_catalog.pg_database d
 WHERE r.rolname = current_user
   AND d.datname = COALESCE(%s, pg_catalog.current_database());
