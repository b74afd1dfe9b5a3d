-- Columns of tables; an inherited column's model is the parent's.
SELECT 'column',
       'pg_class:' || a.attrelid || ':' || a.attnum,
       ARRAY[n.nspname::text, c.relname::text, a.attname::text],
       '',
       'pg_class:' || a.attrelid || ':0',
       CASE WHEN a.attinhcount > 0 THEN (
            SELECT 'pg_class:' || p.attrelid || ':' || p.attnum
              FROM pg_catalog.pg_inherits i
              JOIN pg_catalog.pg_attribute p
                ON p.attrelid = i.inhparent AND p.attname = a.attname AND p.attnum > 0 AND NOT p.attisdropped
             WHERE i.inhrelid = a.attrelid
             ORDER BY i.inhseqno
             LIMIT 1
       ) END,
       pg_catalog.jsonb_build_object(
           'type', pg_catalog.format_type(a.atttypid, a.atttypmod),
           'not null', CASE WHEN a.attnotnull THEN COALESCE((
                -- A NOT NULL is a constraint since PostgreSQL 18, and may wait for its validation.
                SELECT 'not validated'
                  FROM pg_catalog.pg_constraint k
                 WHERE k.conrelid = a.attrelid AND k.contype = 'n' AND k.conkey = ARRAY[a.attnum]
                   AND NOT k.convalidated), 'yes') END,
           'default', CASE WHEN a.attgenerated = '' THEN pg_catalog.pg_get_expr(d.adbin, d.adrelid) END,
           'generated', CASE WHEN a.attgenerated <> '' THEN
                pg_catalog.pg_get_expr(d.adbin, d.adrelid)
                || CASE a.attgenerated WHEN 's' THEN ' STORED' ELSE ' VIRTUAL' END END,
           'identity', CASE a.attidentity WHEN 'a' THEN 'always' WHEN 'd' THEN 'by default' END,
           'collation', CASE WHEN a.attcollation <> t.typcollation THEN
                (SELECT ln.nspname || '.' || l.collname
                   FROM pg_catalog.pg_collation l
                   JOIN pg_catalog.pg_namespace ln ON ln.oid = l.collnamespace
                  WHERE l.oid = a.attcollation) END,
           'storage', CASE WHEN a.attstorage <> t.typstorage THEN
                CASE a.attstorage WHEN 'p' THEN 'plain' WHEN 'e' THEN 'external'
                                  WHEN 'x' THEN 'extended' ELSE 'main' END END,
           'compression', CASE a.attcompression WHEN 'p' THEN 'pglz' WHEN 'l' THEN 'lz4' END,
           'statistics target', CASE WHEN a.attstattarget >= 0 THEN a.attstattarget END,
           'options', a.attoptions,
           'foreign options', ARRAY(SELECT o FROM pg_catalog.unnest(a.attfdwoptions) o ORDER BY o COLLATE "C")
       )
  FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
  LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
 WHERE c.relkind IN ('r', 'p', 'f')
   AND c.relpersistence <> 't'
   AND n.nspname !~ '^pg_'
   AND n.nspname <> 'information_schema';
