#!/bin/sh
# Runs once, while the database of compose.yaml is made: the service gets a role of its own, which owns one database
# and is no superuser. Afterwards the superuser cannot sign in over the network.
set -eu

psql --no-psqlrc -v ON_ERROR_STOP=1 -U postgres -d postgres <<'SQL'
\getenv password POSTGRES_PASSWORD
CREATE ROLE stagedoor LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'password';
CREATE DATABASE stagedoor OWNER stagedoor;
REVOKE CONNECT, TEMPORARY ON DATABASE stagedoor FROM PUBLIC;
ALTER ROLE postgres PASSWORD NULL;
SQL
