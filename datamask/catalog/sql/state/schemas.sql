-- Schemas. Every query of this folder gives: kind, address, name, suffix, container, model, attributes.
SELECT 'schema',
       'pg_namespace:' || n.oid || ':0',
       ARRAY[n.nspname::text],
       '',
       NULL,
       NULL,
       pg_catalog.jsonb_build_object('owner', pg_catalog.pg_get_userbyid(n.nspowner))
  FROM pg_catalog.pg_namespace n
 WHERE n.nspname !~ '^pg_'
   AND n.nspname <> 'information_schema';
