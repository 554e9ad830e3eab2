"""`/events?count=5&interval=200ms`: server-sent events, each one on its way before the next is made."""

import itertools
import re
import time
from datetime import datetime, timezone
from urllib.parse import parse_qs

from .answer import TEXT, answer
from .durations import seconds

LONGEST_SECONDS = 596 * 3600


def events(environ, start_response):
    """`count=0` is endless: it ends when the client leaves, or the server is told to stop and says so."""
    query = parse_qs(environ.get("QUERY_STRING", ""), keep_blank_values=True)
    count = query.get("count", ["10"])[0]
    if not re.fullmatch(r"[0-9]{1,7}", count):
        return refusal(start_response, "count")
    try:
        interval = seconds(query.get("interval", ["1s"])[0])
    except ValueError:
        return refusal(start_response, "interval")
    if interval > LONGEST_SECONDS:
        return refusal(start_response, "interval")
    start_response(
        "200 OK",
        [("Content-Type", "text/event-stream"), ("Cache-Control", "no-store"), ("X-Accel-Buffering", "no")],
    )
    draining = None if int(count) else environ.get("trivet.draining")
    return ticks(int(count), interval, draining)


def refusal(start_response, parameter):
    return answer(start_response, 400, TEXT, "bad parameter: %s\n" % parameter)


def ticks(count, interval, draining):
    for number in range(1, count + 1) if count else itertools.count(1):
        if number > 1:
            if draining is None:
                time.sleep(interval)
            elif draining.wait(interval):
                return
        now = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3]
        yield ('id: %d\nevent: tick\ndata: {"n":%d,"time":"%sZ"}\n\n' % (number, number, now)).encode()
