SELECT e.enumtypid::int8, pg_catalog.array_agg(e.enumlabel::text ORDER BY e.enumsortorder)
  FROM pg_catalog.pg_enum e
 GROUP BY e.enumtypid;
