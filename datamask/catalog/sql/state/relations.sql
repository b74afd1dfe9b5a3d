-- Tables of all kinds, views and materialized views; a partition's model is the table that it is a part of.
SELECT CASE c.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' ELSE 'table' END,
       'pg_class:' || c.oid || ':0',
       ARRAY[n.nspname::text, c.relname::text],
       '',
       'pg_namespace:' || n.oid || ':0',
       CASE WHEN c.relispartition THEN (
            SELECT 'pg_class:' || i.inhparent || ':0' FROM pg_catalog.pg_inherits i WHERE i.inhrelid = c.oid LIMIT 1
       ) END,
       pg_catalog.jsonb_build_object(
           'kind', CASE c.relkind WHEN 'p' THEN 'partitioned' WHEN 'f' THEN 'foreign' END,
           'owner', pg_catalog.pg_get_userbyid(c.relowner),
           'persistence', CASE c.relpersistence WHEN 'u' THEN 'unlogged' END,
           'row security', CASE WHEN c.relrowsecurity AND c.relforcerowsecurity THEN 'forced'
                                WHEN c.relrowsecurity THEN 'enabled'
                                WHEN c.relforcerowsecurity THEN 'forced once enabled' END,
           'replica identity', CASE c.relreplident
                WHEN 'f' THEN 'full'
                WHEN 'n' THEN 'nothing'
                WHEN 'i' THEN (SELECT 'index ' || r.relname
                                 FROM pg_catalog.pg_index x
                                 JOIN pg_catalog.pg_class r ON r.oid = x.indexrelid
                                WHERE x.indrelid = c.oid AND x.indisreplident) END,
           'access method', CASE WHEN a.amname <> 'heap' THEN a.amname END,
           'tablespace', t.spcname,
           'options', ARRAY(SELECT o FROM pg_catalog.unnest(c.reloptions) o ORDER BY o COLLATE "C"),
           'partition key', pg_catalog.pg_get_partkeydef(c.oid),
           'partition of', CASE WHEN c.relispartition THEN parents.names[1] END,
           'bound', CASE WHEN c.relispartition THEN pg_catalog.pg_get_expr(c.relpartbound, c.oid) END,
           'inherits', CASE WHEN NOT c.relispartition THEN parents.names END,
           'of type', CASE WHEN c.reloftype <> 0 THEN pg_catalog.format_type(c.reloftype, NULL) END,
           'foreign server', s.srvname,
           'foreign options', ARRAY(
                SELECT pg_catalog.regexp_replace(
                           o, '^([^=]*(?:pass|secret|token|key|credential)[^=]*)=.*$', '\1=(hidden)', 'i')
                  FROM pg_catalog.unnest(f.ftoptions) o ORDER BY o COLLATE "C"),
           'definition', CASE WHEN c.relkind IN ('v', 'm') THEN pg_catalog.pg_get_viewdef(c.oid) END,
           'populated', CASE WHEN c.relkind = 'm' AND NOT c.relispopulated THEN false END,
           'column order', ARRAY(SELECT attname::text FROM pg_catalog.pg_attribute
                                  WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped
                                    AND c.relkind NOT IN ('v', 'm')
                                  ORDER BY attnum)
       )
  FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_catalog.pg_am a ON a.oid = c.relam
  LEFT JOIN pg_catalog.pg_tablespace t ON t.oid = c.reltablespace
  LEFT JOIN pg_catalog.pg_foreign_table f ON f.ftrelid = c.oid
  LEFT JOIN pg_catalog.pg_foreign_server s ON s.oid = f.ftserver
  LEFT JOIN LATERAL (
       SELECT pg_catalog.array_agg(pn.nspname || '.' || p.relname ORDER BY i.inhseqno) AS names
         FROM pg_catalog.pg_inherits i
         JOIN pg_catalog.pg_class p ON p.oid = i.inhparent
         JOIN pg_catalog.pg_namespace pn ON pn.oid = p.relnamespace
        WHERE i.inhrelid = c.oid) parents ON true
 WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm')
   AND c.relpersistence <> 't'
   AND n.nspname !~ '^pg_'
   AND n.nspname <> 'information_schema';
