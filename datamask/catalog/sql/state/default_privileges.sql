-- What ALTER DEFAULT PRIVILEGES gives and takes: maker, where, on what, who, which ones.
WITH entry AS (
    SELECT d.defaclrole, d.defaclnamespace, d.defaclobjtype, e.grantee, e.privilege_type, e.is_grantable, true AS actual
      FROM pg_catalog.pg_default_acl d
     CROSS JOIN LATERAL pg_catalog.aclexplode(d.defaclacl) e
    UNION ALL
    -- Those of a schema come on top of the usual ones; those without one stand in their place.
    SELECT d.defaclrole, d.defaclnamespace, d.defaclobjtype, e.grantee, e.privilege_type, e.is_grantable, false
      FROM pg_catalog.pg_default_acl d
     CROSS JOIN LATERAL pg_catalog.aclexplode(pg_catalog.acldefault(
           CASE d.defaclobjtype WHEN 'S' THEN 's'::"char" ELSE d.defaclobjtype END, d.defaclrole)) e
     WHERE d.defaclnamespace = 0
), told AS (
    SELECT pg_catalog.pg_get_userbyid(e.defaclrole)::text AS maker,
           n.nspname::text AS schema,
           CASE e.defaclobjtype WHEN 'r' THEN 'tables' WHEN 'S' THEN 'sequences' WHEN 'f' THEN 'functions'
                                WHEN 'T' THEN 'types' WHEN 'n' THEN 'schemas' ELSE 'large objects' END AS objects,
           CASE WHEN e.grantee = 0 THEN 'PUBLIC' WHEN e.grantee = e.defaclrole THEN 'its owner'
                ELSE pg_catalog.pg_get_userbyid(e.grantee)::text END AS grantee,
           e.privilege_type || CASE WHEN e.is_grantable AND e.grantee <> e.defaclrole
                                    THEN ' with grant option' ELSE '' END AS privilege,
           e.actual
      FROM entry e
      LEFT JOIN pg_catalog.pg_namespace n ON n.oid = e.defaclnamespace
)
SELECT maker, schema, objects, grantee,
       COALESCE(pg_catalog.array_agg(DISTINCT privilege) FILTER (WHERE actual), '{}') AS here,
       COALESCE(pg_catalog.array_agg(DISTINCT privilege) FILTER (WHERE NOT actual), '{}') AS usual
  FROM told
 GROUP BY maker, schema, objects, grantee
HAVING COALESCE(pg_catalog.array_agg(DISTINCT privilege) FILTER (WHERE actual), '{}')
       <> COALESCE(pg_catalog.array_agg(DISTINCT privilege) FILTER (WHERE NOT actual), '{}');
