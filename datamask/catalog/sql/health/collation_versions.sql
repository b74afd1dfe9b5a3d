-- Collations whose library has changed since they were last looked at: of the database ('database'), and single ones.
-- Text indexes that were built with the old one may be out of order.
SELECT 'database', d.datname::text, d.datcollversion, pg_catalog.pg_database_collation_actual_version(d.oid)
  FROM pg_catalog.pg_database d
 WHERE d.datname = COALESCE(%s, pg_catalog.current_database())
   AND d.datcollversion <> pg_catalog.pg_database_collation_actual_version(d.oid)
UNION ALL
SELECT 'collation', c.oid::pg_catalog.regcollation::text, c.collversion, pg_catalog.pg_collation_actual_version(c.oid)
  FROM pg_catalog.pg_collation c
 WHERE c.collversion <> pg_catalog.pg_collation_actual_version(c.oid)
   AND EXISTS (SELECT 1 FROM pg_catalog.pg_attribute a WHERE a.attcollation = c.oid AND a.attrelid >= 16384)
 ORDER BY 1 DESC, 2;
