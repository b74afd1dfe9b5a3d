-- Triggers, and what those for each row run where it is PL/pgSQL.
SELECT t.tgrelid::int8,
       t.tgname::text,
       CASE WHEN l.lanname = 'plpgsql' AND t.tgtype & 1 = 1 THEN p.prosrc END
  FROM pg_catalog.pg_trigger t
  JOIN pg_catalog.pg_proc p ON p.oid = t.tgfoid
  JOIN pg_catalog.pg_language l ON l.oid = p.prolang
 WHERE NOT t.tgisinternal
 ORDER BY t.tgrelid, t.tgname;
