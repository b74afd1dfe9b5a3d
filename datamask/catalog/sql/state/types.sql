-- Types that somebody made: enums, composites, domains, ranges, base types; no array and no table's row type.
SELECT 'type',
       'pg_type:' || t.oid || ':0',
       ARRAY[n.nspname::text, t.typname::text],
       '',
       'pg_namespace:' || n.oid || ':0',
       NULL,
       pg_catalog.jsonb_build_object(
           'kind', CASE t.typtype WHEN 'e' THEN 'enum' WHEN 'c' THEN 'composite' WHEN 'd' THEN 'domain'
                                  WHEN 'r' THEN 'range' ELSE 'base' END,
           'owner', pg_catalog.pg_get_userbyid(t.typowner),
           'labels', CASE WHEN t.typtype = 'e' THEN ARRAY(
                SELECT e.enumlabel::text FROM pg_catalog.pg_enum e WHERE e.enumtypid = t.oid ORDER BY e.enumsortorder) END,
           'attributes', CASE WHEN t.typtype = 'c' THEN ARRAY(
                SELECT pg_catalog.quote_ident(a.attname) || ' ' || pg_catalog.format_type(a.atttypid, a.atttypmod)
                       || COALESCE(' COLLATE ' || pg_catalog.quote_ident(l.collname), '')
                  FROM pg_catalog.pg_attribute a
                  JOIN pg_catalog.pg_type b ON b.oid = a.atttypid
                  LEFT JOIN pg_catalog.pg_collation l ON l.oid = a.attcollation AND a.attcollation <> b.typcollation
                 WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped
                 ORDER BY a.attnum) END,
           'base', CASE WHEN t.typtype = 'd' THEN pg_catalog.format_type(t.typbasetype, t.typtypmod) END,
           'not null', CASE WHEN t.typnotnull THEN 'yes' END,
           'default', t.typdefault,
           'collation', CASE WHEN t.typtype = 'd' AND t.typcollation <> b.typcollation THEN
                (SELECT l.collname::text FROM pg_catalog.pg_collation l WHERE l.oid = t.typcollation) END,
           'subtype', pg_catalog.format_type(r.rngsubtype, NULL),
           'subtype operator class',
                (SELECT o.opcname::text FROM pg_catalog.pg_opclass o WHERE o.oid = r.rngsubopc),
           'subtype collation',
                (SELECT l.collname::text FROM pg_catalog.pg_collation l WHERE l.oid = r.rngcollation),
           'canonical', NULLIF(r.rngcanonical::pg_catalog.regproc::text, '-'),
           'difference', NULLIF(r.rngsubdiff::pg_catalog.regproc::text, '-'),
           'multirange', pg_catalog.format_type(r.rngmultitypid, NULL),
           'input', CASE WHEN t.typtype = 'b' THEN t.typinput::pg_catalog.regproc::text END,
           'length', CASE WHEN t.typtype = 'b' THEN t.typlen END
       )
  FROM pg_catalog.pg_type t
  JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
  LEFT JOIN pg_catalog.pg_class c ON c.oid = t.typrelid
  LEFT JOIN pg_catalog.pg_type b ON b.oid = t.typbasetype
  LEFT JOIN pg_catalog.pg_range r ON r.rngtypid = t.oid
 WHERE t.typtype IN ('e', 'c', 'd', 'r', 'b')
   AND COALESCE(c.relkind, 'c') = 'c'
   AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_type e WHERE e.typarray = t.oid)
   AND n.nspname !~ '^pg_'
   AND n.nspname <> 'information_schema';
