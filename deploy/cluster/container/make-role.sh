#!/bin/sh
# Patroni runs this once, on the first primary, with a connection string of the superuser. The service gets a role of
# its own, which owns one database and can cancel no session: a cancelled COMMIT that waits for a standby is answered
# as done, although no standby has it.
set -eu

psql --no-psqlrc -v ON_ERROR_STOP=1 -d "$1" <<'SQL'
\getenv password DB_PASSWORD
CREATE ROLE stagedoor LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'password';
CREATE DATABASE stagedoor OWNER stagedoor;
REVOKE CONNECT, TEMPORARY ON DATABASE stagedoor FROM PUBLIC;
\connect stagedoor
REVOKE EXECUTE ON FUNCTION pg_cancel_backend(integer) FROM PUBLIC;
SQL
