-- What each leaf of a partitioned table demands of its rows, the demands of the partitions above it included.
WITH RECURSIVE tree AS (
    SELECT c.oid AS root, c.oid AS relid, c.relkind
      FROM pg_catalog.pg_class c
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind = 'p' AND NOT c.relispartition
       AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
    UNION ALL
    SELECT tree.root, c.oid, c.relkind
      FROM tree
      JOIN pg_catalog.pg_inherits i ON i.inhparent = tree.relid
      JOIN pg_catalog.pg_class c ON c.oid = i.inhrelid
)
SELECT n.nspname::text,
       r.relname::text,
       pg_catalog.pg_get_partition_constraintdef(tree.relid)
  FROM tree
  JOIN pg_catalog.pg_class r ON r.oid = tree.root
  JOIN pg_catalog.pg_namespace n ON n.oid = r.relnamespace
 WHERE tree.relkind <> 'p'
 ORDER BY 1, 2, 3;
