-- Functions, window functions, procedures and aggregates, by name and argument types.
SELECT CASE p.prokind WHEN 'p' THEN 'procedure' WHEN 'a' THEN 'aggregate' ELSE 'function' END,
       'pg_proc:' || p.oid || ':0',
       ARRAY[n.nspname::text, p.proname::text],
       '(' || pg_catalog.oidvectortypes(p.proargtypes) || ')',
       'pg_namespace:' || n.oid || ':0',
       NULL,
       pg_catalog.jsonb_build_object(
           'owner', pg_catalog.pg_get_userbyid(p.proowner),
           'arguments', pg_catalog.pg_get_function_arguments(p.oid),
           'result', pg_catalog.pg_get_function_result(p.oid),
           'language', l.lanname,
           'window', CASE WHEN p.prokind = 'w' THEN true END,
           'volatility', CASE p.provolatile WHEN 'i' THEN 'immutable' WHEN 's' THEN 'stable' ELSE 'volatile' END,
           'strict', CASE WHEN p.proisstrict THEN true END,
           'security', CASE WHEN p.prosecdef THEN 'definer' END,
           'leakproof', CASE WHEN p.proleakproof THEN true END,
           'parallel', CASE p.proparallel WHEN 's' THEN 'safe' WHEN 'r' THEN 'restricted' ELSE 'unsafe' END,
           'cost', p.procost,
           'rows', NULLIF(p.prorows, 0),
           'settings', ARRAY(SELECT o FROM pg_catalog.unnest(p.proconfig) o ORDER BY o COLLATE "C"),
           'support', NULLIF(p.prosupport::pg_catalog.regproc::text, '-'),
           'library', p.probin,
           'body', CASE WHEN p.prokind <> 'a' THEN COALESCE(pg_catalog.pg_get_function_sqlbody(p.oid), p.prosrc) END,
           'sql body', CASE WHEN p.prosqlbody IS NOT NULL THEN true END,
           'transition', a.aggtransfn::pg_catalog.regproc::text,
           'state', pg_catalog.format_type(a.aggtranstype, NULL),
           'initial state', a.agginitval,
           'final', NULLIF(a.aggfinalfn::pg_catalog.regproc::text, '-'),
           'combine', NULLIF(a.aggcombinefn::pg_catalog.regproc::text, '-'),
           'moving transition', NULLIF(a.aggmtransfn::pg_catalog.regproc::text, '-'),
           'sort operator', CASE WHEN a.aggsortop <> 0 THEN a.aggsortop::pg_catalog.regoperator::text END
       )
  FROM pg_catalog.pg_proc p
  JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
  JOIN pg_catalog.pg_language l ON l.oid = p.prolang
  LEFT JOIN pg_catalog.pg_aggregate a ON a.aggfnoid = p.oid
 WHERE n.nspname !~ '^pg_'
   AND n.nspname <> 'information_schema'
   -- A range type brings its constructors along.
   AND NOT EXISTS (
       SELECT 1 FROM pg_catalog.pg_depend d
        WHERE d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND d.objid = p.oid AND d.deptype = 'i');
