-- Configurations and dictionaries of full text search.
SELECT 'text search configuration',
       'pg_ts_config:' || c.oid || ':0',
       ARRAY[n.nspname::text, c.cfgname::text],
       '',
       'pg_namespace:' || n.oid || ':0',
       NULL,
       pg_catalog.jsonb_build_object(
           'owner', pg_catalog.pg_get_userbyid(c.cfgowner),
           'parser', p.prsname,
           'mappings', ARRAY(
                SELECT t.alias || ': ' || pg_catalog.string_agg(d.dictname, ', ' ORDER BY m.mapseqno)
                  FROM pg_catalog.pg_ts_config_map m
                  JOIN pg_catalog.pg_ts_dict d ON d.oid = m.mapdict
                  JOIN pg_catalog.ts_token_type(c.cfgparser) t ON t.tokid = m.maptokentype
                 WHERE m.mapcfg = c.oid
                 GROUP BY t.alias
                 ORDER BY t.alias COLLATE "C"))
  FROM pg_catalog.pg_ts_config c
  JOIN pg_catalog.pg_ts_parser p ON p.oid = c.cfgparser
  JOIN pg_catalog.pg_namespace n ON n.oid = c.cfgnamespace
 WHERE n.nspname !~ '^pg_'
   AND n.nspname <> 'information_schema'
UNION ALL
SELECT 'text search dictionary',
       'pg_ts_dict:' || d.oid || ':0',
       ARRAY[n.nspname::text, d.dictname::text],
       '',
       'pg_namespace:' || n.oid || ':0',
       NULL,
       pg_catalog.jsonb_build_object(
           'owner', pg_catalog.pg_get_userbyid(d.dictowner),
           'template', t.tmplname,
           'options', d.dictinitoption)
  FROM pg_catalog.pg_ts_dict d
  JOIN pg_catalog.pg_ts_template t ON t.oid = d.dicttemplate
  JOIN pg_catalog.pg_namespace n ON n.oid = d.dictnamespace
 WHERE n.nspname !~ '^pg_'
   AND n.nspname <> 'information_schema';
