-- Types of the tables' columns, and the types that those are made of.
WITH RECURSIVE used AS (
    SELECT DISTINCT a.atttypid AS oid
      FROM pg_catalog.pg_class c
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
     WHERE c.relkind IN ('r', 'p', 'f')
       AND n.nspname !~ '^pg_'
       AND n.nspname <> 'information_schema'
    UNION
    SELECT made.oid
      FROM used
      JOIN pg_catalog.pg_type t ON t.oid = used.oid
     CROSS JOIN LATERAL (VALUES (t.typbasetype), (t.typelem)) made (oid)
     WHERE made.oid <> 0
)
SELECT t.oid::int8,
       n.nspname::text,
       t.typname::text,
       t.typtype::text,
       t.typcategory::text,
       t.typbasetype::int8,
       t.typtypmod,
       t.typelem::int8,
       t.typnotnull
  FROM used
  JOIN pg_catalog.pg_type t ON t.oid = used.oid
  JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace;
