-- Addresses of what belongs to an extension.
SELECT c.relname || ':' || d.objid || ':0'
  FROM pg_catalog.pg_depend d
  JOIN pg_catalog.pg_class c ON c.oid = d.classid
 WHERE d.deptype = 'e'
   AND d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass;
