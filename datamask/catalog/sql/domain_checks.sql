-- CHECK constraints of domains; VALUE in them stands for the column.
SELECT con.contypid::int8, con.conname::text, pg_catalog.pg_get_constraintdef(con.oid)
  FROM pg_catalog.pg_constraint con
  JOIN pg_catalog.pg_namespace n ON n.oid = con.connamespace
 WHERE con.contypid <> 0
   AND con.contype = 'c'
   AND n.nspname <> 'information_schema'
   AND n.nspname !~ '^pg_'
 ORDER BY con.contypid, con.conname;
