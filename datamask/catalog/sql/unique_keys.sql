-- Unique and exclusion indexes, with the constraint behind each where there is one. An invalid index is
-- what a failed CREATE INDEX CONCURRENTLY left: it proves nothing.
SELECT i.indrelid::int8,
       x.relname::text,
       COALESCE(con.contype::text, 'i'),
       (i.indkey::int2[])[0:i.indnkeyatts - 1],
       i.indexprs::text,
       i.indpred IS NOT NULL,
       pg_catalog.pg_get_expr(i.indpred, i.indrelid),
       -- The column came with PostgreSQL 15.
       COALESCE((pg_catalog.to_jsonb(i) ->> 'indnullsnotdistinct')::bool, false)
  FROM pg_catalog.pg_index i
  JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid
  JOIN pg_catalog.pg_class c ON c.oid = i.indrelid
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_catalog.pg_constraint con
    ON con.conindid = i.indexrelid AND con.conrelid = i.indrelid AND con.contype IN ('p', 'u', 'x')
 WHERE (i.indisunique OR i.indisexclusion)
   AND (i.indisvalid OR c.relkind = 'p')
   AND c.relkind IN ('r', 'p')
   AND c.relpersistence <> 't'
   AND n.nspname !~ '^pg_'
   AND n.nspname <> 'information_schema'
 ORDER BY i.indrelid, i.indisprimary DESC, x.relname;
