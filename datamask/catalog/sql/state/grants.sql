-- Rights that differ from those that an object has by itself: address, who, which ones, and which they would be.
WITH holder (address, type, owner, acl) AS (
    SELECT 'pg_namespace:' || n.oid || ':0', 'n'::"char", n.nspowner, n.nspacl
      FROM pg_catalog.pg_namespace n
     WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
    UNION ALL
    SELECT 'pg_class:' || c.oid || ':0', CASE c.relkind WHEN 'S' THEN 's'::"char" ELSE 'r'::"char" END, c.relowner, c.relacl
      FROM pg_catalog.pg_class c
    UNION ALL
    SELECT 'pg_class:' || a.attrelid || ':' || a.attnum, 'c'::"char", c.relowner, a.attacl
      FROM pg_catalog.pg_attribute a
      JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
     WHERE NOT a.attisdropped
    UNION ALL
    SELECT 'pg_proc:' || p.oid || ':0', 'f'::"char", p.proowner, p.proacl FROM pg_catalog.pg_proc p
    UNION ALL
    SELECT 'pg_type:' || t.oid || ':0', 'T'::"char", t.typowner, t.typacl FROM pg_catalog.pg_type t
    UNION ALL
    SELECT 'pg_database:' || d.oid || ':0', 'd'::"char", d.datdba, d.datacl
      FROM pg_catalog.pg_database d
     WHERE d.datname = pg_catalog.current_database()
    UNION ALL
    SELECT 'pg_foreign_data_wrapper:' || w.oid || ':0', 'F'::"char", w.fdwowner, w.fdwacl
      FROM pg_catalog.pg_foreign_data_wrapper w
    UNION ALL
    SELECT 'pg_foreign_server:' || s.oid || ':0', 'S'::"char", s.srvowner, s.srvacl FROM pg_catalog.pg_foreign_server s
), entry AS (
    SELECT h.address, h.owner, e.grantee, e.privilege_type, e.is_grantable, true AS actual
      FROM holder h
     CROSS JOIN LATERAL pg_catalog.aclexplode(h.acl) e
     WHERE h.acl IS NOT NULL
    UNION ALL
    SELECT h.address, h.owner, e.grantee, e.privilege_type, e.is_grantable, false
      FROM holder h
     CROSS JOIN LATERAL pg_catalog.aclexplode(pg_catalog.acldefault(h.type, h.owner)) e
     WHERE h.acl IS NOT NULL
), told AS (
    SELECT address, actual,
           CASE WHEN grantee = 0 THEN 'PUBLIC' WHEN grantee = owner THEN 'its owner'
                ELSE pg_catalog.pg_get_userbyid(grantee)::text END AS grantee,
           privilege_type || CASE WHEN is_grantable AND grantee <> owner THEN ' with grant option' ELSE '' END AS privilege
      FROM entry
)
SELECT address,
       grantee,
       COALESCE(pg_catalog.array_agg(DISTINCT privilege) FILTER (WHERE actual), '{}') AS here,
       COALESCE(pg_catalog.array_agg(DISTINCT privilege) FILTER (WHERE NOT actual), '{}') AS usual
  FROM told
 GROUP BY address, grantee
HAVING COALESCE(pg_catalog.array_agg(DISTINCT privilege) FILTER (WHERE actual), '{}')
       <> COALESCE(pg_catalog.array_agg(DISTINCT privilege) FILTER (WHERE NOT actual), '{}');
