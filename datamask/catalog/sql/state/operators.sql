-- Operators, operator classes and casts that somebody made.
SELECT 'operator',
       'pg_operator:' || o.oid || ':0',
       ARRAY[n.nspname::text],
       '.' || o.oprname || '(' || COALESCE(pg_catalog.format_type(NULLIF(o.oprleft, 0), NULL), 'NONE')
           || ', ' || pg_catalog.format_type(o.oprright, NULL) || ')',
       'pg_namespace:' || n.oid || ':0',
       NULL,
       pg_catalog.jsonb_build_object(
           'owner', pg_catalog.pg_get_userbyid(o.oprowner),
           'function', o.oprcode::pg_catalog.regproc::text,
           'commutator', NULLIF(o.oprcom::pg_catalog.regoperator::text, '0'),
           'negator', NULLIF(o.oprnegate::pg_catalog.regoperator::text, '0'),
           'restrict', NULLIF(o.oprrest::pg_catalog.regproc::text, '-'),
           'join', NULLIF(o.oprjoin::pg_catalog.regproc::text, '-'),
           'hashes', CASE WHEN o.oprcanhash THEN true END,
           'merges', CASE WHEN o.oprcanmerge THEN true END)
  FROM pg_catalog.pg_operator o
  JOIN pg_catalog.pg_namespace n ON n.oid = o.oprnamespace
 WHERE n.nspname !~ '^pg_'
   AND n.nspname <> 'information_schema'
UNION ALL
SELECT 'operator class',
       'pg_opclass:' || o.oid || ':0',
       ARRAY[n.nspname::text, o.opcname::text],
       ' using ' || a.amname,
       'pg_namespace:' || n.oid || ':0',
       NULL,
       pg_catalog.jsonb_build_object(
           'owner', pg_catalog.pg_get_userbyid(o.opcowner),
           'type', pg_catalog.format_type(o.opcintype, NULL),
           'default', CASE WHEN o.opcdefault THEN true END,
           'family', f.opfname,
           'operators', ARRAY(SELECT m.amopstrategy || ': ' || m.amopopr::pg_catalog.regoperator::text
                                FROM pg_catalog.pg_amop m WHERE m.amopfamily = o.opcfamily
                               ORDER BY m.amopstrategy, m.amopopr::pg_catalog.regoperator::text COLLATE "C"),
           'functions', ARRAY(SELECT m.amprocnum || ': ' || m.amproc::pg_catalog.regproc::text
                                FROM pg_catalog.pg_amproc m WHERE m.amprocfamily = o.opcfamily
                               ORDER BY m.amprocnum, m.amproc::pg_catalog.regproc::text COLLATE "C"))
  FROM pg_catalog.pg_opclass o
  JOIN pg_catalog.pg_opfamily f ON f.oid = o.opcfamily
  JOIN pg_catalog.pg_am a ON a.oid = o.opcmethod
  JOIN pg_catalog.pg_namespace n ON n.oid = o.opcnamespace
 WHERE n.nspname !~ '^pg_'
   AND n.nspname <> 'information_schema'
UNION ALL
SELECT 'cast',
       'pg_cast:' || c.oid || ':0',
       ARRAY[]::text[],
       pg_catalog.format_type(c.castsource, NULL) || ' as ' || pg_catalog.format_type(c.casttarget, NULL),
       NULL,
       NULL,
       pg_catalog.jsonb_build_object(
           'function', NULLIF(c.castfunc::pg_catalog.regprocedure::text, '-'),
           'context', CASE c.castcontext WHEN 'e' THEN 'explicit' WHEN 'a' THEN 'assignment' ELSE 'implicit' END,
           'method', CASE c.castmethod WHEN 'f' THEN 'function' WHEN 'i' THEN 'inout' ELSE 'binary' END)
  FROM pg_catalog.pg_cast c
 -- Below are the objects that a new database comes with (FirstNormalObjectId); a range type brings a cast along.
 WHERE c.oid >= 16384
   AND NOT EXISTS (
       SELECT 1 FROM pg_catalog.pg_depend d
        WHERE d.classid = 'pg_catalog.pg_cast'::pg_catalog.regclass AND d.objid = c.oid AND d.deptype = 'i');
