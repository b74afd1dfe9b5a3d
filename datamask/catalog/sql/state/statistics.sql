-- Extended statistics.
SELECT 'statistics',
       'pg_statistic_ext:' || s.oid || ':0',
       ARRAY[n.nspname::text, s.stxname::text],
       '',
       'pg_class:' || s.stxrelid || ':0',
       NULL,
       pg_catalog.jsonb_build_object(
           'owner', pg_catalog.pg_get_userbyid(s.stxowner),
           'definition', pg_catalog.pg_get_statisticsobjdef(s.oid),
           'statistics target', CASE WHEN s.stxstattarget >= 0 THEN s.stxstattarget END
       )
  FROM pg_catalog.pg_statistic_ext s
  JOIN pg_catalog.pg_namespace n ON n.oid = s.stxnamespace
 WHERE n.nspname !~ '^pg_'
   AND n.nspname <> 'information_schema';
