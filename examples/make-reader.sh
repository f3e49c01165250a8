#!/bin/sh
# Makes a reader and stores its secret in a file that only its owner may read.
#
#   FUSTOR_TOKEN=<an administrator's token> examples/make-reader.sh http://localhost:8080 partner \
#       '{"sources": ["shop"], "tables": ["shop.orders"], "expires": "2030-01-01T00:00:00Z"}' partner.secret
set -eu

if [ $# -ne 4 ]; then
    echo "usage: make-reader.sh <service> <name> <grant as JSON> <file for the secret>" >&2
    exit 2
fi
service=$1 name=$2 grant=$3 file=$4

if [ -e "$file" ]; then
    echo "$file exists; nothing is overwritten" >&2
    exit 1
fi

# The token stands in no argument, which other users of this machine could see.
answer=$(printf 'header = "Authorization: Bearer %s"\n' "$FUSTOR_TOKEN" |
    curl -sS -K - -X POST -H 'Content-Type: application/json' --data-raw "$grant" \
        "$service/api/readers/$name")

secret=$(printf '%s' "$answer" | sed -n 's/.*"secret":"\([^"]*\)".*/\1/p')
if [ -z "$secret" ]; then
    printf '%s\n' "$answer" >&2
    exit 1
fi
umask 077
printf '%s\n' "$secret" > "$file"
echo "made the reader $name; its secret is in $file"
