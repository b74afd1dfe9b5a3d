-- Policies of row-level security.
SELECT 'policy',
       'pg_policy:' || p.oid || ':0',
       ARRAY[n.nspname::text, c.relname::text, p.polname::text],
       '',
       'pg_class:' || c.oid || ':0',
       NULL,
       pg_catalog.jsonb_build_object(
           'command', CASE p.polcmd WHEN 'r' THEN 'select' WHEN 'a' THEN 'insert' WHEN 'w' THEN 'update'
                                    WHEN 'd' THEN 'delete' ELSE 'all' END,
           'restrictive', CASE WHEN NOT p.polpermissive THEN true END,
           'roles', ARRAY(SELECT CASE WHEN role = 0 THEN 'public' ELSE pg_catalog.pg_get_userbyid(role)::text END AS name
                            FROM pg_catalog.unnest(p.polroles) role ORDER BY name),
           'using', pg_catalog.pg_get_expr(p.polqual, p.polrelid),
           'check', pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid)
       )
  FROM pg_catalog.pg_policy p
  JOIN pg_catalog.pg_class c ON c.oid = p.polrelid
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 WHERE n.nspname !~ '^pg_'
   AND n.nspname <> 'information_schema';
