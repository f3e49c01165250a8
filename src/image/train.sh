#!/usr/bin/env bash
# Makes fustor-source-mysql.aot beside fustor-source-mysql.jar in the current folder: one run of the service, in which
# the JVM learns which classes a start and a first request need. There is no MySQL: the source points at an address
# without a server.
#
# The cache has no profiles of methods. With those of a run without rows, the compiler makes slower code for rows, and
# keeps it (docs/decisions/0038-cache-made-at-installation.md).
#
# The service takes a free port and says which; nothing but this run is asked anything. It sees neither the
# environment nor a configuration of this machine.
#
# The folder is that of the image, or of an installation (docs/operations.md). The jar is named with it: a cache whose
# jar was named without its folder is of use only to a start in that folder, and a unit starts in another one.
#
# java.options is beside the jar: a start has the same options.
#
# usage: train.sh
set -euo pipefail

longest_start=300
work=$(mktemp -d)

env -i PATH="$PATH" java @java.options -XX:+UnlockDiagnosticVMOptions -XX:-AOTRecordTraining \
    -XX:AOTCacheOutput=fustor-source-mysql.aot -jar "$PWD/fustor-source-mysql.jar" \
    --spring.config.location=classpath:/ --server.address=127.0.0.1 --server.port=0 \
    --fustor.data-dir="$work/data" --fustor.health-file="$work/health" &
service=$!
trap 'kill -KILL $service 2> /dev/null || true; rm -rf "$work"' EXIT

until [[ -s $work/health ]]; do
    kill -0 $service
    if ((SECONDS > longest_start)); then
        echo "The service is not ready after $longest_start s." >&2
        exit 1
    fi
    sleep 0.2
done
port=$(sed -n 's,^http://127\.0\.0\.1:\([0-9]*\)/.*,\1,p' "$work/health")

# Fails unless the answer has the status. The image may have neither curl nor wget; bash speaks TCP itself.
ask() {
    local expected=$1 method=$2 path=$3 body=${4:-} answer
    exec 3<> "/dev/tcp/127.0.0.1/$port"
    printf '%s %s HTTP/1.0\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s' \
        "$method" "$path" "${#body}" "$body" >&3
    answer=$(cat <&3)
    exec 3>&-
    if [[ ${answer%%$'\n'*} != *" $expected "* ]]; then
        echo "$method $path was to be answered with $expected, but was with: $answer" >&2
        exit 1
    fi
}

ask 200 GET /actuator/health/readiness
ask 201 POST /api/configs/sources/training \
    '{"config": {"driver": "mysql", "uri": "127.0.0.1:1", "credential": {"user": "u", "passwd": "p"}}}'
ask 503 GET /api/sources/training/events
ask 200 GET /api/sources
ask 204 DELETE /api/configs/sources/training

# The JVM writes the cache while it ends; 143 is how it says SIGTERM.
kill -TERM $service
wait $service || test $? = 143
test -s fustor-source-mysql.aot
