-- Sequences, the column that owns each, and whether its value may be read.
SELECT c.oid::int8,
       n.nspname::text,
       c.relname::text,
       own.refobjid::int8,
       own.refobjsubid::int4,
       e.extname::text,
       pg_catalog.has_schema_privilege(n.oid, 'USAGE')
           AND pg_catalog.has_sequence_privilege(c.oid, 'SELECT')
           AND NOT (c.relpersistence = 'u' AND pg_catalog.pg_is_in_recovery())
  FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_catalog.pg_depend own
    ON own.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND own.objid = c.oid AND own.objsubid = 0
   AND own.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND own.refobjsubid > 0
   AND own.deptype IN ('a', 'i')
  LEFT JOIN pg_catalog.pg_depend d
    ON d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = c.oid AND d.objsubid = 0
   AND d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass AND d.deptype = 'e'
  LEFT JOIN pg_catalog.pg_extension e ON e.oid = d.refobjid
 WHERE c.relkind = 'S'
   AND c.relpersistence <> 't'
   AND n.nspname !~ '^pg_'
   AND n.nspname <> 'information_schema'
 ORDER BY n.nspname, c.relname;
