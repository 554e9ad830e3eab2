"""How an application calls `start_response`, and what it gives it."""

import sys

from .tables import TEXT, at, illegal, whole


@at("/replace")
def replace(environ, start_response):
    """`exc_info` before the head is out: the second call counts, and nothing of the first."""
    start_response("200 OK", [TEXT, ("X-First", "1"), ("Content-Length", "100")])
    try:
        raise ValueError("on purpose")
    except ValueError:
        start_response("503 Busy", [TEXT, ("X-Second", "2"), ("Content-Length", "6")], sys.exc_info())
    return [b"sorry\n"]


@at("/raise-again")
def raise_again(environ, start_response):
    """`exc_info` after the head is out: the error comes back out of start_response."""
    start_response("200 OK", [TEXT])
    yield b"out\n"
    try:
        raise ValueError("on purpose")
    except ValueError:
        start_response("500 Oops", [TEXT], sys.exc_info())
    yield b"never\n"


@at("/twice", illegal)
def twice(environ, start_response):
    start_response("200 OK", [TEXT])
    start_response("200 OK", [TEXT])
    return [b"twice\n"]


@at("/never-starts", illegal)
def never_starts(environ, start_response):
    return [b"never started\n"]


@at("/never-starts-empty", illegal)
def never_starts_empty(environ, start_response):
    return []


@at("/by-keyword", illegal)
def by_keyword(environ, start_response):
    start_response(status="200 OK", headers=[TEXT])
    return [b"by keyword\n"]


# Heads

STATUSES = {
    "/status-newline": "200 OK\r\nX-Injected: yes",
    "/status-no-reason": "200",
    "/status-blank-reason": "200 ",
    "/status-words": "OK",
    "/status-two-digits": "20 OK",
    "/status-four-digits": "2000 OK",
    "/status-bytes": b"200 OK",
    "/status-number": 200,
    "/status-100": "100 Continue",
    "/status-nonlatin": "200 \u20ac",
}

HEADERS = {
    "/header-newline": [TEXT, ("X-A", "b\r\nX-Injected: yes")],
    "/header-lf": [TEXT, ("X-A", "b\nX-Injected: yes")],
    "/header-nul": [TEXT, ("X-A", "b\0c")],
    "/header-nonlatin": [TEXT, ("X-Price", "5 \u20ac")],
    "/header-bytes": [TEXT, ("X-A", b"b")],
    "/header-number": [TEXT, ("X-A", 1)],
    "/header-none": [TEXT, ("X-A", None)],
    "/header-name-bytes": [TEXT, (b"X-A", "b")],
    "/header-name-blank": [TEXT, ("X A", "b")],
    "/header-name-colon": [TEXT, ("X-A:", "b")],
    "/header-name-empty": [TEXT, ("", "b")],
    "/header-name-newline": [TEXT, ("X-A\r\nX-Injected", "b")],
    "/header-triple": [TEXT, ("X-A", "b", "c")],
    "/header-tuple": (TEXT,),
    "/header-dict": {"Content-Type": "text/plain"},
    "/header-hop": [TEXT, ("Connection", "keep-alive")],
    "/header-upgrade": [TEXT, ("Upgrade", "h2c")],
    "/header-transfer": [TEXT, ("Transfer-Encoding", "chunked")],
    "/header-status": [TEXT, ("Status", "404")],
    "/length-words": [TEXT, ("Content-Length", "four")],
    "/length-negative": [TEXT, ("Content-Length", "-5")],
    "/length-twice": [TEXT, ("Content-Length", "5"), ("Content-Length", "6")],
    "/length-signed": [TEXT, ("Content-Length", "+5")],
}


def head_of(status, headers):
    def chosen(environ, start_response):
        start_response(status, headers)
        return [b"hello"]

    return chosen


for _path, _status in STATUSES.items():
    illegal[_path] = head_of(_status, [TEXT])
for _path, _headers in HEADERS.items():
    illegal[_path] = head_of("200 OK", _headers)


@at("/header-latin1")
def header_latin1(environ, start_response):
    return whole(start_response, b"latin-1\n", ("X-Name", "caf\xe9"))


@at("/header-empty")
def header_empty(environ, start_response):
    return whole(start_response, b"empty\n", ("X-Empty", ""))


@at("/header-blanks")
def header_blanks(environ, start_response):
    return whole(start_response, b"blanks\n", ("X-Blanks", "  inside  "))


@at("/header-repeated")
def header_repeated(environ, start_response):
    return whole(start_response, b"repeated\n", ("Set-Cookie", "a=1"), ("X-A", "1"), ("Set-Cookie", "b=2"))


@at("/own-date")
def own_date(environ, start_response):
    return whole(start_response, b"dated\n", ("Date", "Wed, 01 Jan 2025 00:00:00 GMT"), ("Server", "mine/1"))


@at("/odd-status")
def odd_status(environ, start_response):
    start_response("299 As I Please", [TEXT, ("Content-Length", "4")])
    return [b"odd\n"]


@at("/204")
def no_content(environ, start_response):
    start_response("204 No Content", [])
    return []


@at("/304")
def not_modified(environ, start_response):
    start_response("304 Not Modified", [("ETag", '"a"')])
    return []


@at("/204-with-body", illegal)
def no_content_with_body(environ, start_response):
    start_response("204 No Content", [])
    return [b"a body all the same\n"]


@at("/304-with-body", illegal)
def not_modified_with_body(environ, start_response):
    start_response("304 Not Modified", [("ETag", '"a"')])
    yield b"a body all the same\n"
