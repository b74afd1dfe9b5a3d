-- Child and parent, for partitions and for plain inheritance, parents in their order.
SELECT i.inhrelid::int8, i.inhparent::int8
  FROM pg_catalog.pg_inherits i
  JOIN pg_catalog.pg_class c ON c.oid = i.inhrelid
 WHERE c.relkind IN ('r', 'p', 'f')
 ORDER BY i.inhrelid, i.inhseqno;
