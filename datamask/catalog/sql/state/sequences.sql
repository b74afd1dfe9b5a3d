-- Sequences without where they stand; the container of one that a column owns is the column.
SELECT 'sequence',
       'pg_class:' || c.oid || ':0',
       ARRAY[n.nspname::text, c.relname::text],
       '',
       COALESCE('pg_class:' || d.refobjid || ':' || d.refobjsubid, 'pg_namespace:' || n.oid || ':0'),
       NULL,
       pg_catalog.jsonb_build_object(
           'owner', pg_catalog.pg_get_userbyid(c.relowner),
           'persistence', CASE c.relpersistence WHEN 'u' THEN 'unlogged' END,
           'type', pg_catalog.format_type(s.seqtypid, NULL),
           'start', s.seqstart,
           'increment', s.seqincrement,
           'minimum', s.seqmin,
           'maximum', s.seqmax,
           'cache', s.seqcache,
           'cycle', CASE WHEN s.seqcycle THEN true END,
           'owned by', tn.nspname || '.' || t.relname || '.' || a.attname
       )
  FROM pg_catalog.pg_sequence s
  JOIN pg_catalog.pg_class c ON c.oid = s.seqrelid
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_catalog.pg_depend d
    ON d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = c.oid AND d.objsubid = 0
   AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i')
  LEFT JOIN pg_catalog.pg_class t ON t.oid = d.refobjid
  LEFT JOIN pg_catalog.pg_namespace tn ON tn.oid = t.relnamespace
  LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
 WHERE c.relpersistence <> 't'
   AND n.nspname !~ '^pg_'
   AND n.nspname <> 'information_schema';
