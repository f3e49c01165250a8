#!/usr/bin/env python3
"""Follows a source in pages, with long polls, and prints each changed row as one line. It needs nothing
but Python 3 and follow.py:

    python3 pages.py 'http://localhost:8080/api/sources/shop/stream?tables=shop.orders' orders.offset

Each answer names the offset of the next page. It is kept in the named file, so that the program goes on
there when it starts again. Pages come compressed, and a cache between here and the service may answer
for it. FUSTOR_TOKEN holds the API token, if one is needed.
"""

import decimal
import gzip
import http.client
import json
import os
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

from follow import read, rows, text, write

# A long poll takes 20 seconds (fustor.pages.long-poll).
LONGEST_ANSWER = 60


def follow(url, offset_file):
    offset = read(offset_file) or "now"
    cursor = ""
    while True:
        try:
            with get(url, offset, cursor) as answer:
                take(body(answer))
                offset = answer.headers["Stream-Next-Offset"]
                # Sent back, it lets caches answer many clients that wait for the same page.
                cursor = answer.headers["Stream-Cursor"] or ""
                write(offset_file, offset)
                continue
        except urllib.error.HTTPError as refusal:
            print(refusal.code, refusal.read().decode(), file=sys.stderr)
            # Failures that need an operator: a wrong parameter or token, an unknown source, an offset
            # that the server no longer has.
            if refusal.code < 500 and refusal.code != 429:
                sys.exit(1)
            time.sleep(int(refusal.headers.get("Retry-After", "1")))
        except (OSError, EOFError, http.client.HTTPException) as failure:
            print("the connection broke:", failure, file=sys.stderr)
            time.sleep(1)


def get(url, offset, cursor):
    parameters = {"offset": offset, "live": "long-poll"}
    if cursor:
        parameters["cursor"] = cursor
    request = urllib.request.Request(url + ("&" if "?" in url else "?") + urllib.parse.urlencode(parameters))
    request.add_header("Accept-Encoding", "gzip")
    if os.environ.get("FUSTOR_TOKEN"):
        request.add_header("Authorization", "Bearer " + os.environ["FUSTOR_TOKEN"])
    return urllib.request.urlopen(request, timeout=LONGEST_ANSWER)


def body(answer):
    """The page. No change came in time if the status is 204."""
    if answer.status == 204:
        return []
    content = answer.read()
    if answer.headers["Content-Encoding"] == "gzip":
        content = gzip.decompress(content)
    return json.loads(content, parse_float=decimal.Decimal)


def take(page):
    """An element is a change, or an event with `control`."""
    for element in page:
        if "control" in element:
            print(element["control"], element, file=sys.stderr)
            continue
        for operation, table, row in rows(element):
            print(operation, table, text(row), flush=True)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: pages.py <the address of the source's pages> <file that keeps the offset>")
    try:
        follow(sys.argv[1], sys.argv[2])
    except KeyboardInterrupt:
        pass
