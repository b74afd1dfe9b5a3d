-- Foreign keys as they were declared (not the copies that partitions get), and CHECK constraints.
SELECT con.conrelid::int8,
       con.conname::text,
       con.contype::text,
       con.conkey,
       con.confrelid::int8,
       con.confkey,
       con.condeferrable,
       CASE WHEN con.contype = 'c' THEN pg_catalog.pg_get_constraintdef(con.oid) END,
       con.confmatchtype = 'f'
  FROM pg_catalog.pg_constraint con
  JOIN pg_catalog.pg_class c ON c.oid = con.conrelid
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 WHERE con.contype IN ('f', 'c')
   AND con.conparentid = 0
   AND c.relpersistence <> 't'
   AND n.nspname !~ '^pg_'
   AND n.nspname <> 'information_schema'
 ORDER BY con.conrelid, con.conname;
