SELECT t.tgrelid::int8, t.tgname::text
  FROM pg_catalog.pg_trigger t
 WHERE NOT t.tgisinternal
 ORDER BY t.tgrelid, t.tgname;
