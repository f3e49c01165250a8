#!/usr/bin/env python3
"""Follows a feed and prints each changed row as one line. It needs nothing but Python 3:

    python3 follow.py http://localhost:8080/api/sources/shop/events?tables=shop.orders orders.position

A connection that breaks is opened again with the last event id, so that no row is missing and none
comes twice. The id is also kept in the named file, so that the program goes on there when it starts
again; the last rows before a crash may then come once more. It reads both formats, format=debezium too.
FUSTOR_TOKEN holds the API token, if one is needed.
"""

import decimal
import http.client
import json
import os
import sys
import time
import urllib.error
import urllib.request

# The service speaks at least every 15 seconds; after this much silence the connection is dead.
LONGEST_SILENCE = 60


def follow(url, position_file):
    last_event_id = read(position_file)
    while True:
        try:
            with connect(url, last_event_id) as response:
                for name, event_id, data in events(response):
                    take(name, data)
                    if event_id:
                        last_event_id = event_id
                        write(position_file, event_id)
        except urllib.error.HTTPError as refusal:
            problem = refusal.read().decode()
            print(refusal.code, problem, file=sys.stderr)
            # Failures that need an operator: a wrong parameter or token, an unknown source, a position
            # that the server no longer has.
            if refusal.code < 500 and refusal.code != 429:
                sys.exit(1)
        except (OSError, http.client.HTTPException) as failure:
            print("the connection broke:", failure, file=sys.stderr)
        time.sleep(1)


def connect(url, last_event_id):
    request = urllib.request.Request(url, headers={"Accept": "text/event-stream"})
    if last_event_id:
        request.add_header("Last-Event-ID", last_event_id)
    if os.environ.get("FUSTOR_TOKEN"):
        request.add_header("Authorization", "Bearer " + os.environ["FUSTOR_TOKEN"])
    return urllib.request.urlopen(request, timeout=LONGEST_SILENCE)


def events(response):
    """Server-Sent Events: lines of a field each; an empty line ends an event, and only then it
    counts."""
    fields = {}
    for line in response:
        if line == b"\n":
            yield fields.get("event", ""), fields.get("id", ""), fields.get("data", "")
            fields = {}
        elif line.endswith(b"\n"):
            name, _, value = line.decode()[:-1].partition(": ")
            fields[name] = value


def take(name, data):
    """A change has no name, a heartbeat has neither name nor data."""
    if name:
        print(name, data, file=sys.stderr)
    elif data:
        for operation, table, row in rows(json.loads(data, parse_float=decimal.Decimal)):
            print(operation, table, text(row), flush=True)


# How format=debezium calls what format=fustor says in full.
OPERATIONS = {"c": "insert", "r": "insert", "u": "update", "d": "delete"}


def rows(change):
    """Each row of a change with its operation and table: the row as it is now, or as it was before
    it was deleted. In format=debezium an event holds one row."""
    if "event_type" in change:
        table = change["event_schema"] + "." + change["table"]
        return [(change["event_type"], table, row) for row in change["rows"]]
    source = change["source"]
    row = change["before"] if change["op"] == "d" else change["after"]
    return [(OPERATIONS[change["op"]], source["db"] + "." + source["table"], row)]


def text(row):
    """A DECIMAL keeps all its digits; it is printed as a string."""
    return json.dumps(row, ensure_ascii=False, default=str)


def read(file):
    try:
        with open(file, encoding="ascii") as position:
            return position.read()
    except FileNotFoundError:
        return ""


def write(file, event_id):
    """A program that reads the file finds the old id or the new one, never a part."""
    with open(file + ".new", "w", encoding="ascii") as position:
        position.write(event_id)
    os.replace(file + ".new", file)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: follow.py <the feed's address> <file that keeps the position>")
    try:
        follow(sys.argv[1], sys.argv[2])
    except KeyboardInterrupt:
        pass
