"""Routes that use PostgreSQL, beside pgbench and other servers."""
