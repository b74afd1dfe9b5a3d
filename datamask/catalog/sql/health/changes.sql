-- Rows that were inserted, updated and deleted in each table since its database was made, as the server has counted.
SELECT CASE WHEN s.schemaname ~ '[."]' THEN '"' || pg_catalog.replace(s.schemaname, '"', '""') || '"' ELSE s.schemaname END
       || '.' ||
       CASE WHEN s.relname ~ '[."]' THEN '"' || pg_catalog.replace(s.relname, '"', '""') || '"' ELSE s.relname END,
       s.n_tup_ins, s.n_tup_upd, s.n_tup_del
  FROM pg_catalog.pg_stat_all_tables s
 WHERE s.schemaname !~ '^pg_'
   AND s.schemaname <> 'information_schema';
