-- Rules, but for those that views are made of.
SELECT 'rule',
       'pg_rewrite:' || r.oid || ':0',
       ARRAY[n.nspname::text, c.relname::text, r.rulename::text],
       '',
       'pg_class:' || c.oid || ':0',
       NULL,
       pg_catalog.jsonb_build_object(
           'definition', pg_catalog.pg_get_ruledef(r.oid),
           'enabled', CASE r.ev_enabled WHEN 'D' THEN 'no' WHEN 'R' THEN 'on a replica' WHEN 'A' THEN 'always' END
       )
  FROM pg_catalog.pg_rewrite r
  JOIN pg_catalog.pg_class c ON c.oid = r.ev_class
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 WHERE r.rulename <> '_RETURN'
   AND c.relpersistence <> 't'
   AND n.nspname !~ '^pg_'
   AND n.nspname <> 'information_schema';
