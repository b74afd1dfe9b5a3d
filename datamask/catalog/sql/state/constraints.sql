-- Constraints of tables and domains, NOT NULL apart; the model of a partition's is its parent's.
SELECT 'constraint',
       'pg_constraint:' || con.oid || ':0',
       ARRAY[n.nspname::text, COALESCE(c.relname, t.typname)::text, con.conname::text],
       '',
       CASE WHEN con.contypid <> 0 THEN 'pg_type:' || con.contypid || ':0' ELSE 'pg_class:' || con.conrelid || ':0' END,
       CASE WHEN con.conparentid <> 0 THEN 'pg_constraint:' || con.conparentid || ':0'
            WHEN con.coninhcount > 0 THEN (
                 SELECT 'pg_constraint:' || p.oid || ':0'
                   FROM pg_catalog.pg_inherits i
                   JOIN pg_catalog.pg_constraint p ON p.conrelid = i.inhparent AND p.conname = con.conname
                  WHERE i.inhrelid = con.conrelid
                  ORDER BY i.inhseqno
                  LIMIT 1) END,
       pg_catalog.jsonb_build_object('definition', pg_catalog.pg_get_constraintdef(con.oid))
  FROM pg_catalog.pg_constraint con
  LEFT JOIN pg_catalog.pg_class c ON c.oid = con.conrelid
  LEFT JOIN pg_catalog.pg_type t ON t.oid = con.contypid
  LEFT JOIN pg_catalog.pg_constraint parent ON parent.oid = con.conparentid
  JOIN pg_catalog.pg_namespace n ON n.oid = COALESCE(c.relnamespace, t.typnamespace)
 WHERE con.contype IN ('c', 'f', 'p', 'u', 'x')
   AND COALESCE(c.relpersistence, 'p') <> 't'
   -- A foreign key to a partitioned table has a copy for each of its partitions.
   AND COALESCE(parent.conrelid <> con.conrelid, true)
   AND n.nspname !~ '^pg_'
   AND n.nspname <> 'information_schema';
