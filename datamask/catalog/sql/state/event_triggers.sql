-- Event triggers.
SELECT 'event trigger',
       'pg_event_trigger:' || e.oid || ':0',
       ARRAY[e.evtname::text],
       '',
       NULL,
       NULL,
       pg_catalog.jsonb_build_object(
           'owner', pg_catalog.pg_get_userbyid(e.evtowner),
           'event', e.evtevent,
           'function', e.evtfoid::pg_catalog.regproc::text,
           'tags', ARRAY(SELECT tag FROM pg_catalog.unnest(e.evttags) tag ORDER BY tag COLLATE "C"),
           'enabled', CASE e.evtenabled WHEN 'D' THEN 'no' WHEN 'R' THEN 'on a replica' WHEN 'A' THEN 'always' END
       )
  FROM pg_catalog.pg_event_trigger e;
