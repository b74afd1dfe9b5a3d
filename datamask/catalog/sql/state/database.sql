-- The server, the database as a whole, and the settings that belong to it or to roles.
WITH setting AS (
    SELECT s.setrole, s.setdatabase,
           pg_catalog.split_part(entry, '=', 1) AS name,
           pg_catalog.substr(entry, pg_catalog.strpos(entry, '=') + 1) AS value
      FROM pg_catalog.pg_db_role_setting s
     CROSS JOIN LATERAL pg_catalog.unnest(s.setconfig) entry
     WHERE s.setdatabase IN (0, (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()))
)
SELECT 'server',
       'server',
       ARRAY[]::text[],
       '',
       NULL,
       NULL,
       pg_catalog.jsonb_build_object(
           'major version', pg_catalog.current_setting('server_version_num')::int / 10000,
           'minor version', pg_catalog.current_setting('server_version_num')::int % 10000)
UNION ALL
SELECT 'database',
       'pg_database:' || d.oid || ':0',
       ARRAY[]::text[],
       '',
       NULL,
       NULL,
       -- The columns of a locale differ between versions, so the row is read as a whole.
       pg_catalog.jsonb_build_object(
           'owner', pg_catalog.pg_get_userbyid(d.datdba),
           'encoding', pg_catalog.pg_encoding_to_char(d.encoding),
           'collate', d.datcollate,
           'ctype', d.datctype,
           'locale provider', CASE COALESCE(w.whole ->> 'datlocprovider', 'c')
                WHEN 'c' THEN 'libc' WHEN 'i' THEN 'icu' WHEN 'b' THEN 'builtin' END,
           'locale', COALESCE(w.whole ->> 'datlocale', w.whole ->> 'daticulocale'),
           'locale rules', w.whole ->> 'daticurules',
           'collation version', w.whole ->> 'datcollversion',
           'connection limit', CASE WHEN d.datconnlimit >= 0 THEN d.datconnlimit END)
  FROM pg_catalog.pg_database d
 CROSS JOIN LATERAL (SELECT pg_catalog.to_jsonb(d) AS whole) w
 WHERE d.datname = pg_catalog.current_database()
UNION ALL
SELECT CASE WHEN s.setrole = 0 AND s.setdatabase <> 0 THEN 'setting' ELSE 'role setting' END,
       'setting:' || s.setdatabase || ':' || s.setrole || ':' || s.name,
       CASE WHEN s.setrole <> 0 THEN ARRAY[pg_catalog.pg_get_userbyid(s.setrole)::text, s.name]
            WHEN s.setdatabase <> 0 THEN ARRAY[s.name]
            ELSE ARRAY['ALL', s.name] END,
       CASE WHEN s.setdatabase = 0 THEN ' (in every database)' ELSE '' END,
       NULL,
       NULL,
       -- What PostgreSQL does not know may be an application's secret: that it is set is all that is told.
       pg_catalog.jsonb_build_object(
           'value', CASE WHEN EXISTS (SELECT 1 FROM pg_catalog.pg_settings k
                                       WHERE pg_catalog.lower(k.name) = pg_catalog.lower(s.name)
                                         AND k.category <> 'Customized Options')
                         THEN s.value ELSE '(hidden)' END)
  FROM setting s;
