"""The parts of `bench/run data`: routes that use PostgreSQL, beside pgbench and other servers."""
