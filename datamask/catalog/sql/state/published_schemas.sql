-- Publications of whole schemas, which version 15 brought: the publication's address and the schemas' names.
SELECT 'pg_publication:' || s.pnpubid || ':0',
       pg_catalog.array_agg(n.nspname::text ORDER BY n.nspname)
  FROM pg_catalog.pg_publication_namespace s
  JOIN pg_catalog.pg_namespace n ON n.oid = s.pnnspid
 GROUP BY s.pnpubid;
