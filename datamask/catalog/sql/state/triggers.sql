-- Triggers; the model of a partition's is the partitioned table's.
SELECT 'trigger',
       'pg_trigger:' || t.oid || ':0',
       ARRAY[n.nspname::text, c.relname::text, t.tgname::text],
       '',
       'pg_class:' || t.tgrelid || ':0',
       'pg_trigger:' || NULLIF(t.tgparentid, 0) || ':0',
       pg_catalog.jsonb_build_object(
           'definition', pg_catalog.pg_get_triggerdef(t.oid),
           'enabled', CASE t.tgenabled WHEN 'D' THEN 'no' WHEN 'R' THEN 'on a replica' WHEN 'A' THEN 'always' END
       )
  FROM pg_catalog.pg_trigger t
  JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 WHERE (NOT t.tgisinternal OR t.tgparentid <> 0 AND t.tgconstraint = 0)
   AND c.relpersistence <> 't'
   AND n.nspname !~ '^pg_'
   AND n.nspname <> 'information_schema';
