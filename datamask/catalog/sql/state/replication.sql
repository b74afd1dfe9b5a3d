-- Publications and subscriptions; of a subscription never how it connects.
SELECT 'publication',
       'pg_publication:' || p.oid || ':0',
       ARRAY[p.pubname::text],
       '',
       NULL,
       NULL,
       pg_catalog.jsonb_build_object(
           'owner', pg_catalog.pg_get_userbyid(p.pubowner),
           'all tables', CASE WHEN p.puballtables THEN true END,
           'operations', pg_catalog.concat_ws(', ',
                CASE WHEN p.pubinsert THEN 'insert' END, CASE WHEN p.pubupdate THEN 'update' END,
                CASE WHEN p.pubdelete THEN 'delete' END, CASE WHEN p.pubtruncate THEN 'truncate' END),
           'via root', CASE WHEN p.pubviaroot THEN true END,
           -- Columns and row filters came with version 15, and the view has them as text.
           'tables', ARRAY(
                SELECT n.nspname || '.' || c.relname || COALESCE(' where ' || (pg_catalog.to_jsonb(v) ->> 'rowfilter'), '')
                       || CASE WHEN pg_catalog.to_jsonb(r) ->> 'prattrs' IS NOT NULL
                               THEN ' columns ' || (pg_catalog.to_jsonb(v) ->> 'attnames') ELSE '' END
                  FROM pg_catalog.pg_publication_rel r
                  JOIN pg_catalog.pg_class c ON c.oid = r.prrelid
                  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                  LEFT JOIN pg_catalog.pg_publication_tables v
                    ON v.pubname = p.pubname AND v.schemaname = n.nspname AND v.tablename = c.relname
                 WHERE r.prpubid = p.oid
                 ORDER BY n.nspname, c.relname))
  FROM pg_catalog.pg_publication p
UNION ALL
SELECT 'subscription',
       'pg_subscription:' || s.oid || ':0',
       ARRAY[s.subname::text],
       '',
       NULL,
       NULL,
       pg_catalog.jsonb_build_object(
           'owner', pg_catalog.pg_get_userbyid(s.subowner),
           'enabled', CASE WHEN NOT s.subenabled THEN false END,
           'publications', s.subpublications)
  FROM pg_catalog.pg_subscription s
  JOIN pg_catalog.pg_database d ON d.oid = s.subdbid
 WHERE d.datname = pg_catalog.current_database();
