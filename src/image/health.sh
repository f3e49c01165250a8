#!/usr/bin/env bash
# Ends with 0 where the service lives. It is asked at the address that it wrote into the file fustor.health-file, which
# has its port, its path and whether it speaks TLS there, whatever its configuration says. Whose certificate
# that is does not matter on the way to oneself. A service that asks its clients for certificates cannot be asked
# in this way: give health a port of its own (management.server.port).
#
# usage: health.sh file
set -euo pipefail

address=$(< "$1")
if [[ ! $address =~ ^(https?)://\[?([^]/]+)]?:([0-9]+)(/.*)$ ]]; then
    echo "$1 holds no address: $address" >&2
    exit 1
fi
scheme=${BASH_REMATCH[1]} host=${BASH_REMATCH[2]} port=${BASH_REMATCH[3]} path=${BASH_REMATCH[4]}
request="GET $path HTTP/1.0"$'\r\nHost: localhost\r\n\r\n'

# The image may have neither curl nor wget; bash speaks TCP itself, and TLS comes with the system's certificates.
if [[ $scheme = https ]]; then
    [[ $host != *:* ]] || host="[$host]"
    IFS= read -r status < <(printf '%s' "$request" | openssl s_client -quiet -connect "$host:$port" 2> /dev/null)
else
    exec 3<> "/dev/tcp/$host/$port"
    printf '%s' "$request" >&3
    IFS= read -r status <&3
fi
if [[ $status != *" 200"* ]]; then
    echo "$address: $status" >&2
    exit 1
fi
