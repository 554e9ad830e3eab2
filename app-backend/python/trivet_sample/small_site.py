"""`/express/…`: a small site of a few routes. Express is a program for Node; here the same pages stand in its place."""

import json
import re
from datetime import datetime, timezone
from urllib.parse import parse_qs

from .answer import HTML, JSON, TEXT, answer

MOST_BODY_BYTES = 64 * 1024


def small_site(environ, start_response):
    """Reads see a page by its path; the one thing to post to is the sum."""
    method = environ["REQUEST_METHOD"]
    path = environ["PATH_INFO"][len("/express") :] or "/"
    if method == "POST" and path == "/sum":
        return total(environ, start_response)
    if method in ("GET", "HEAD"):
        return page(path, environ, start_response)
    return answer(start_response, 404, TEXT, "Not Found\n")


def page(path, environ, start_response):
    hello = re.fullmatch(r"/hello/([^/]+)", path)
    if path == "/":
        return answer(start_response, 200, TEXT, "Hello from WSGI\n")
    if hello:
        name = hello[1].encode("latin-1").decode("utf-8", "replace")
        return answer(start_response, 200, JSON, as_json({"hello": name}))
    if path == "/clock":
        return clock(environ, start_response)
    return answer(start_response, 404, TEXT, "Not Found\n")


def clock(environ, start_response):
    seconds = parse_qs(environ.get("QUERY_STRING", "")).get("seconds", [])
    lifetime = int(seconds[0]) if len(seconds) == 1 and re.fullmatch(r"[0-9]{1,4}", seconds[0]) else 0
    now = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
    # CDN-Cache-Control is for the edge alone: what is not kept by browsers shows there at each reload.
    orders = [("Cache-Control", "no-store"), ("CDN-Cache-Control", "max-age=%d" % lifetime)]
    return answer(start_response, 200, HTML, '<time datetime="%s">%s</time>\n' % (now, now[11:19]), orders)


def total(environ, start_response):
    body = environ["wsgi.input"].read(MOST_BODY_BYTES + 1)
    if len(body) > MOST_BODY_BYTES:
        return answer(start_response, 413, TEXT, "413\n")
    try:
        numbers = json.loads(body)
    except ValueError:
        return answer(start_response, 400, TEXT, "400\n")
    if not isinstance(numbers, list) or not all(type(each) in (int, float) for each in numbers):
        return answer(start_response, 400, JSON, as_json({"error": "the body is not an array of numbers"}))
    return answer(start_response, 200, JSON, as_json({"sum": sum(numbers)}))


def as_json(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
