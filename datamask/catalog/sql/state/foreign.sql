-- Foreign data wrappers, servers and user mappings: of a mapping no option, of the others none that sounds secret.
SELECT 'foreign data wrapper',
       'pg_foreign_data_wrapper:' || w.oid || ':0',
       ARRAY[w.fdwname::text],
       '',
       NULL,
       NULL,
       pg_catalog.jsonb_build_object(
           'owner', pg_catalog.pg_get_userbyid(w.fdwowner),
           'handler', NULLIF(w.fdwhandler::pg_catalog.regproc::text, '-'),
           'validator', NULLIF(w.fdwvalidator::pg_catalog.regproc::text, '-'),
           'options', ARRAY(
                SELECT pg_catalog.regexp_replace(
                           o, '^([^=]*(?:pass|secret|token|key|credential)[^=]*)=.*$', '\1=(hidden)', 'i')
                  FROM pg_catalog.unnest(w.fdwoptions) o ORDER BY o COLLATE "C"))
  FROM pg_catalog.pg_foreign_data_wrapper w
UNION ALL
SELECT 'foreign server',
       'pg_foreign_server:' || s.oid || ':0',
       ARRAY[s.srvname::text],
       '',
       NULL,
       NULL,
       pg_catalog.jsonb_build_object(
           'owner', pg_catalog.pg_get_userbyid(s.srvowner),
           'wrapper', w.fdwname,
           'type', s.srvtype,
           'version', s.srvversion,
           'options', ARRAY(
                SELECT pg_catalog.regexp_replace(
                           o, '^([^=]*(?:pass|secret|token|key|credential)[^=]*)=.*$', '\1=(hidden)', 'i')
                  FROM pg_catalog.unnest(s.srvoptions) o ORDER BY o COLLATE "C"))
  FROM pg_catalog.pg_foreign_server s
  JOIN pg_catalog.pg_foreign_data_wrapper w ON w.oid = s.srvfdw
UNION ALL
SELECT 'user mapping',
       'pg_user_mapping:' || m.umid || ':0',
       ARRAY[m.usename::text],
       ' on ' || m.srvname,
       'pg_foreign_server:' || m.srvid || ':0',
       NULL,
       pg_catalog.jsonb_build_object()
  FROM pg_catalog.pg_user_mappings m;
