#!/bin/sh
# Makes the passwords and certificates that docker-compose.yml asks for, once:
#
#     deploy/make-secrets.sh [FOLDER]     (secrets, beside docker-compose.yml)
#
# Nothing that exists is overwritten. The folder is closed to other users; the files in it
# are readable because each container reads them as a user of its own.
set -eu
folder="${1:-$(dirname "$0")/../secrets}"
mkdir -p "$folder"
chmod 700 "$folder"
cd "$folder"

put() { # NAME TEXT
  [ -e "$1" ] || printf '%s' "$2" > "$1"
  chmod 644 "$1"
}

random() {
  head -c 24 /dev/urandom | od -An -tx1 | tr -d ' \n'
}

put postgres_password "$(random)"
put redis_password "$(random)"
put monitor_elasticsearch_password "$(random)"
put monitor_database_url "postgresql://monitor:$(cat postgres_password)@postgres:5432/monitor"
put monitor_redis_url "redis://:$(cat redis_password)@redis:6379/0"

if [ ! -e elasticsearch_certificate ]; then
  work="$(mktemp -d)"
  trap 'rm -rf "$work"' EXIT
  openssl ecparam -name prime256v1 -genkey -noout -out "$work/ca.key"
  openssl req -x509 -new -key "$work/ca.key" -days 3650 -subj "/CN=face-trade-monitor" \
    -out "$work/ca"
  openssl ecparam -name prime256v1 -genkey -noout | openssl pkcs8 -topk8 -nocrypt -out "$work/key"
  openssl req -new -key "$work/key" -subj "/CN=elasticsearch" -out "$work/request"
  printf "%s\n" subjectAltName=DNS:elasticsearch,DNS:localhost,IP:127.0.0.1 \
    authorityKeyIdentifier=keyid > "$work/names"
  openssl x509 -req -in "$work/request" -CA "$work/ca" -CAkey "$work/ca.key" -CAcreateserial \
    -days 3650 -extfile "$work/names" -out "$work/certificate" 2> "$work/said" ||
    { cat "$work/said" >&2; exit 1; }
  # The authority signs this once: its key is not kept.
  put elasticsearch_ca "$(cat "$work/ca")"
  put elasticsearch_key "$(cat "$work/key")"
  put elasticsearch_certificate "$(cat "$work/certificate")"
fi
echo "secrets are in $(pwd)"
