#!/usr/bin/env bash
# Makes fustor-source-mysql.aot beside fustor-source-mysql.jar in the current folder: one run of the service, in which
# the JVM learns which classes and methods a start and a first request need. No MySQL is there: the
# source is one that nobody answers for.
#
# usage: train.sh [port] [option of the JVM ...]
set -euo pipefail

port=${1:-8080}
data=$(mktemp -d)

# The image may have neither curl nor wget; bash speaks TCP itself.
ask() {
    local method=$1 path=$2 body=${3:-}
    exec 3<> "/dev/tcp/127.0.0.1/$port" || return 1
    printf '%s %s HTTP/1.0\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s' \
        "$method" "$path" "${#body}" "$body" >&3
    cat <&3
    exec 3>&-
}

java "${@:2}" -XX:AOTCacheOutput=fustor-source-mysql.aot -jar fustor-source-mysql.jar \
    --server.address=127.0.0.1 --server.port="$port" --fustor.data-dir="$data" &
service=$!
trap 'kill -KILL $service 2> /dev/null || true; rm -rf "$data"' EXIT

until ask GET /actuator/health/readiness 2> /dev/null; do
    kill -0 $service
    sleep 0.2
done
ask POST /api/configs/sources/training \
    '{"config": {"driver": "mysql", "uri": "127.0.0.1:1", "credential": {"user": "u", "passwd": "p"}}}'
ask GET /api/sources/training/events
ask GET /api/sources
ask DELETE /api/configs/sources/training

# The JVM writes the cache while it ends; 143 is how it says SIGTERM.
kill -TERM $service
wait $service || test $? = 143
test -s fustor-source-mysql.aot
