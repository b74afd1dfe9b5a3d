-- Extensions; what belongs to one is told by its version.
SELECT 'extension',
       'pg_extension:' || e.oid || ':0',
       ARRAY[e.extname::text],
       '',
       NULL,
       NULL,
       pg_catalog.jsonb_build_object('version', e.extversion, 'schema', n.nspname)
  FROM pg_catalog.pg_extension e
  JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace;
