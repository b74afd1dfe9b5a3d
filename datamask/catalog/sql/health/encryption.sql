-- How this session is encrypted: by TLS, of which version, or by GSSAPI.
SELECT s.ssl, s.version, COALESCE(g.encrypted, false)
  FROM pg_catalog.pg_stat_ssl s
  LEFT JOIN pg_catalog.pg_stat_gssapi g ON g.pid = s.pid
 WHERE s.pid = pg_catalog.pg_backend_pid();
