-- Tables, partitioned tables and foreign tables, with their sizes as they are now.
WITH relation AS (
    SELECT c.*, n.nspname, pg_catalog.has_schema_privilege(n.oid, 'USAGE') AS usable
      FROM pg_catalog.pg_class c
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'p', 'f')
       AND c.relpersistence <> 't'
       AND n.nspname !~ '^pg_'
       AND n.nspname <> 'information_schema'
), configured AS (
    SELECT pg_catalog.unnest(e.extconfig) AS relid, pg_catalog.unnest(e.extcondition) AS condition
      FROM pg_catalog.pg_extension e
     WHERE e.extconfig IS NOT NULL
)
SELECT r.oid::int8,
       r.nspname::text,
       r.relname::text,
       r.relkind::text,
       r.relpersistence = 'u',
       r.relispartition,
       r.relrowsecurity,
       r.reltuples::int8,
       COALESCE(size.main, 0) / pg_catalog.current_setting('block_size')::int8,
       COALESCE(size.main, 0) + COALESCE(size.toast, 0),
       e.extname::text,
       configured.condition,
       -- On all columns one by one is not enough: LOCK TABLE and pg_dump ask for the table's.
       r.usable AND pg_catalog.has_table_privilege(r.oid, 'SELECT'),
       pg_catalog.obj_description(r.oid, 'pg_class'),
       -- A partition key's columns, those inside expressions included, depend on their own table.
       ARRAY(SELECT k.objsubid
               FROM pg_catalog.pg_depend k
              WHERE r.relkind = 'p' AND k.deptype = 'i'
                AND k.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND k.objid = r.oid
                AND k.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND k.refobjid = r.oid
                AND k.objsubid > 0 AND k.refobjsubid = 0
              ORDER BY k.objsubid)
  FROM relation r
  LEFT JOIN LATERAL (
       SELECT pg_catalog.pg_relation_size(r.oid) AS main,
              CASE WHEN r.reltoastrelid <> 0 THEN pg_catalog.pg_relation_size(r.reltoastrelid) END AS toast
        WHERE r.relkind = 'r') size ON true
  LEFT JOIN pg_catalog.pg_depend d
    ON d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = r.oid AND d.objsubid = 0
   AND d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass AND d.deptype = 'e'
  LEFT JOIN pg_catalog.pg_extension e ON e.oid = d.refobjid
  LEFT JOIN configured ON configured.relid = r.oid
 ORDER BY r.nspname, r.relname;
