-- Comments and security labels: address, column of a relation, which, text.
SELECT c.relname || ':' || d.objoid || ':' || d.objsubid,
       c.relname || ':' || d.objoid || ':0',
       a.attname::text,
       'comment',
       d.description
  FROM pg_catalog.pg_description d
  JOIN pg_catalog.pg_class c ON c.oid = d.classoid
  LEFT JOIN pg_catalog.pg_attribute a
    ON d.objsubid > 0 AND c.relname = 'pg_class' AND a.attrelid = d.objoid AND a.attnum = d.objsubid
 -- Below are the objects that a new database comes with (FirstNormalObjectId); the schema public is one of them.
 WHERE (d.objoid >= 16384
        OR d.objoid = (SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = 'public'))
   AND d.description <> 'standard public schema'
   AND c.relname <> 'pg_extension'
UNION ALL
SELECT 'pg_database:' || d.objoid || ':0',
       'pg_database:' || d.objoid || ':0',
       NULL,
       'comment',
       -- Its last line may be datamask's own mark, which tells what was loaded and when.
       NULLIF(pg_catalog.regexp_replace(d.description, '(^|\n)datamask: \{[^\n]*$', ''), '')
  FROM pg_catalog.pg_shdescription d
  JOIN pg_catalog.pg_database b ON b.oid = d.objoid AND b.datname = pg_catalog.current_database()
 WHERE d.classoid = 'pg_catalog.pg_database'::pg_catalog.regclass
UNION ALL
SELECT c.relname || ':' || l.objoid || ':' || l.objsubid,
       c.relname || ':' || l.objoid || ':0',
       a.attname::text,
       'security label of ' || l.provider,
       l.label
  FROM pg_catalog.pg_seclabel l
  JOIN pg_catalog.pg_class c ON c.oid = l.classoid
  LEFT JOIN pg_catalog.pg_attribute a
    ON l.objsubid > 0 AND c.relname = 'pg_class' AND a.attrelid = l.objoid AND a.attnum = l.objsubid;
