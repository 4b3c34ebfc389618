#!/bin/sh
# Does what the entry point of Postgres' image does with its variables, as far as docker-compose.yml needs it.
set -eu
data=/var/lib/postgresql/data/cluster
as_nobody() { setpriv --reuid=nobody --regid=nogroup --clear-groups "$@"; }
chown nobody:nogroup /var/lib/postgresql/data
if [ ! -e "$data/PG_VERSION" ]; then
  umask 077
  printf '%s' "$POSTGRES_PASSWORD" > /tmp/password
  chown nobody /tmp/password
  as_nobody initdb --pgdata="$data" --username="$POSTGRES_USER" --pwfile=/tmp/password --auth=scram-sha-256 \
    --encoding=UTF8 --locale=C --no-sync --no-instructions
  rm /tmp/password
  echo 'host all all all scram-sha-256' >> "$data/pg_hba.conf"
fi
rm -f "$data/postmaster.pid"
exec setpriv --reuid=nobody --regid=nogroup --clear-groups postgres -D "$data" -c listen_addresses='*' \
  -c unix_socket_directories= -c timezone=UTC -c fsync=off -c max_connections=100
