-- Collations that somebody made. Their columns differ between versions, so the row is read as a whole.
SELECT 'collation',
       'pg_collation:' || c.oid || ':0',
       ARRAY[n.nspname::text, c.collname::text],
       '',
       'pg_namespace:' || n.oid || ':0',
       NULL,
       pg_catalog.jsonb_build_object(
           'owner', pg_catalog.pg_get_userbyid(c.collowner),
           'provider', CASE c.collprovider WHEN 'i' THEN 'icu' WHEN 'b' THEN 'builtin' ELSE 'libc' END,
           'collate', c.collcollate,
           'ctype', c.collctype,
           'locale', COALESCE(w.whole ->> 'colllocale', w.whole ->> 'colliculocale'),
           'rules', w.whole ->> 'collicurules',
           'deterministic', CASE WHEN NOT c.collisdeterministic THEN false END,
           'version', c.collversion)
  FROM pg_catalog.pg_collation c
 CROSS JOIN LATERAL (SELECT pg_catalog.to_jsonb(c) AS whole) w
  JOIN pg_catalog.pg_namespace n ON n.oid = c.collnamespace
 WHERE n.nspname !~ '^pg_'
   AND n.nspname <> 'information_schema';
