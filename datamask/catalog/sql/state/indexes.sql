-- Indexes; the container of one that enforces a constraint is the constraint.
SELECT 'index',
       'pg_class:' || c.oid || ':0',
       ARRAY[n.nspname::text, c.relname::text],
       '',
       COALESCE('pg_constraint:' || con.oid || ':0', 'pg_class:' || x.indrelid || ':0'),
       CASE WHEN c.relispartition THEN (
            SELECT 'pg_class:' || i.inhparent || ':0' FROM pg_catalog.pg_inherits i WHERE i.inhrelid = c.oid LIMIT 1
       ) END,
       pg_catalog.jsonb_build_object(
           'definition', pg_catalog.pg_get_indexdef(c.oid),
           'valid', CASE WHEN NOT (x.indisvalid AND x.indisready AND x.indislive) THEN false END,
           'clustered', CASE WHEN x.indisclustered THEN true END,
           'tablespace', s.spcname,
           'statistics targets', ARRAY(SELECT a.attnum || ': ' || a.attstattarget
                                         FROM pg_catalog.pg_attribute a
                                        WHERE a.attrelid = c.oid AND a.attstattarget >= 0
                                        ORDER BY a.attnum)
       )
  FROM pg_catalog.pg_index x
  JOIN pg_catalog.pg_class c ON c.oid = x.indexrelid
  JOIN pg_catalog.pg_class r ON r.oid = x.indrelid
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_catalog.pg_constraint con
    ON con.conindid = c.oid AND con.conrelid = x.indrelid AND con.contype IN ('p', 'u', 'x')
  LEFT JOIN pg_catalog.pg_tablespace s ON s.oid = c.reltablespace
 WHERE c.relpersistence <> 't'
   AND r.relkind IN ('r', 'p', 'f', 'm')
   AND n.nspname !~ '^pg_'
   AND n.nspname <> 'information_schema';
