"""One small application per corner of PEP 3333, each at a path of its own; many of them do what no application should.

`legal` has those that a server must carry out as they stand; `wsgiref.validate` has nothing against them. `illegal` has
those in which the server must find the fault.
"""

import io
import os
import sys
import tempfile
import threading

TEXT = ("Content-Type", "text/plain; charset=utf-8")

legal = {}
illegal = {}


def at(path, table=legal):
    def keep(application):
        table[path] = application
        return application

    return keep


def application(environ, start_response):
    """Chooses by path, and does nothing else: what comes back is the chosen one's own."""
    path = environ["PATH_INFO"]
    chosen = legal.get(path) or illegal.get(path) or nothing
    return chosen(environ, start_response)


def nothing(environ, start_response):
    start_response("404 Not Found", [TEXT, ("Content-Length", "5")])
    return [b"none\n"]


def whole(start_response, body, *headers):
    """The plain way: a list of one block and its length."""
    start_response("200 OK", [TEXT, ("Content-Length", str(len(body)))] + list(headers))
    return [body]


# Bodies


@at("/plain")
def plain(environ, start_response):
    return whole(start_response, b"plain\n")


@at("/one-block")
def one_block(environ, start_response):
    start_response("200 OK", [TEXT])
    return [b"one block\n"]


@at("/two-blocks")
def two_blocks(environ, start_response):
    start_response("200 OK", [TEXT])
    return iter([b"one\n", b"two\n"])


@at("/late-start")
def late_start(environ, start_response):
    start_response("200 OK", [TEXT])
    yield b"started at the first step\n"


@at("/empty-blocks")
def empty_blocks(environ, start_response):
    start_response("200 OK", [TEXT])
    for block in (b"", b"", b"some", b"", b"thing\n", b""):
        yield block


@at("/only-empty")
def only_empty(environ, start_response):
    start_response("200 OK", [TEXT])
    yield b""


@at("/no-blocks")
def no_blocks(environ, start_response):
    start_response("200 OK", [TEXT])
    return []


@at("/zero-length")
def zero_length(environ, start_response):
    start_response("200 OK", [TEXT, ("Content-Length", "0")])
    return []


@at("/many-blocks")
def many_blocks(environ, start_response):
    start_response("200 OK", [TEXT])
    for number in range(300):
        yield b"%d\n" % number


@at("/large-block")
def large_block(environ, start_response):
    return whole(start_response, b"0123456789abcdef" * 100_000)


class ByItem:
    """Iterable by the oldest protocol there is."""

    def __getitem__(self, index):
        return (b"by ", b"item\n")[index]


@at("/by-item")
def by_item(environ, start_response):
    start_response("200 OK", [TEXT])
    return ByItem()


# write()


@at("/write")
def write(environ, start_response):
    send = start_response("200 OK", [TEXT])
    send(b"written, ")
    send(b"")
    send(b"twice, ")
    return [b"then returned\n"]


@at("/write-only")
def write_only(environ, start_response):
    start_response("200 OK", [TEXT, ("Content-Length", "8")])(b"written\n")
    return []


@at("/write-late")
def write_late(environ, start_response):
    send = start_response("200 OK", [TEXT])
    yield b"one, "
    send(b"two, ")
    yield b"three\n"


# start_response


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


# Blocks


def body_of(body):
    def chosen(environ, start_response):
        start_response("200 OK", [TEXT])
        return body() if callable(body) else body

    return chosen


BODIES = {
    "/returns-none": None,
    "/returns-text": "text",
    "/returns-bytes": b"bytes",
    "/returns-number": 5,
    "/block-text": ["text\n"],
    "/block-none": [None],
    "/block-number": [5],
    "/block-bytearray": [bytearray(b"bytearray\n")],
    "/block-memoryview": [memoryview(b"memoryview\n")],
    "/block-text-later": [b"one\n", "two\n"],
    "/block-text-generated": lambda: (block for block in ["text\n"]),
}
for _path, _body in BODIES.items():
    illegal[_path] = body_of(_body)


@at("/short", illegal)
def short(environ, start_response):
    start_response("200 OK", [TEXT, ("Content-Length", "10")])
    yield b"hello"


@at("/long", illegal)
def long(environ, start_response):
    start_response("200 OK", [TEXT, ("Content-Length", "5")])
    yield b"hello"
    yield b", and more"


@at("/long-block", illegal)
def long_block(environ, start_response):
    start_response("200 OK", [TEXT, ("Content-Length", "5")])
    return [b"hello, and more"]


# Failures


class Failure(Exception):
    pass


@at("/fails-at-once")
def fails_at_once(environ, start_response):
    raise Failure("before start_response")


@at("/fails-started")
def fails_started(environ, start_response):
    start_response("200 OK", [TEXT])
    raise Failure("after start_response")


@at("/fails-at-first")
def fails_at_first(environ, start_response):
    start_response("200 OK", [TEXT])
    if environ:
        raise Failure("at the first step")
    yield b""


@at("/fails-midway")
def fails_midway(environ, start_response):
    start_response("200 OK", [TEXT])
    yield b"one\n"
    raise Failure("after a block")


@at("/fails-midway-length")
def fails_midway_length(environ, start_response):
    start_response("200 OK", [TEXT, ("Content-Length", "8")])
    yield b"one\n"
    raise Failure("after a block of two")


@at("/fails-at-end")
def fails_at_end(environ, start_response):
    """All that was promised is out by then."""
    start_response("200 OK", [TEXT, ("Content-Length", "4")])
    yield b"one\n"
    raise Failure("at the end")


@at("/fails-after-empty")
def fails_after_empty(environ, start_response):
    """Nothing is out: an empty block sends no head."""
    start_response("200 OK", [TEXT])
    yield b""
    raise Failure("after an empty block")


@at("/exits", illegal)
def exits(environ, start_response):
    sys.exit("on purpose")


@at("/exits-midway", illegal)
def exits_midway(environ, start_response):
    start_response("200 OK", [TEXT])
    yield b"one\n"
    sys.exit("on purpose")


@at("/dies", illegal)
def dies(environ, start_response):
    os._exit(9)


# close()

closes = {"count": 0}


class Closing:
    """Blocks with a `close` that is counted, and that may fail."""

    def __init__(self, blocks, fails=False):
        self.blocks = iter(blocks)
        self.fails = fails

    def __iter__(self):
        return self

    def __next__(self):
        block = next(self.blocks)
        if isinstance(block, Exception):
            raise block
        return block

    def close(self):
        closes["count"] += 1
        if self.fails:
            raise Failure("in close")


@at("/closes")
def count_of_closes(environ, start_response):
    """How often `close` was called since the last time that this was asked for."""
    count, closes["count"] = closes["count"], 0
    return whole(start_response, b"%d\n" % count)


@at("/close")
def close(environ, start_response):
    start_response("200 OK", [TEXT])
    return Closing([b"one\n", b"two\n"])


@at("/close-fails")
def close_fails(environ, start_response):
    start_response("200 OK", [TEXT, ("Content-Length", "4")])
    return Closing([b"one\n"], fails=True)


@at("/close-after-failure")
def close_after_failure(environ, start_response):
    start_response("200 OK", [TEXT])
    return Closing([b"one\n", Failure("after a block")])


@at("/close-after-early-failure")
def close_after_early_failure(environ, start_response):
    start_response("200 OK", [TEXT])
    return Closing([Failure("at the first step")])


# The request's body


def reading(read):
    def chosen(environ, start_response):
        return whole(start_response, repr(read(environ["wsgi.input"])).encode() + b"\n")

    return chosen


def until_end(stream, size):
    blocks = []
    while True:
        block = stream.read(size)
        if not block:
            return b"".join(blocks)
        blocks.append(block)


READS = {
    "/read-5-times-3": lambda body: [body.read(5) for _ in range(3)],
    "/read-by-7": lambda body: until_end(body, 7),
    "/read-much": lambda body: len(body.read(1_000_000_000)),
    "/read-0": lambda body: [body.read(0), body.read(3)],
    "/readline": lambda body: [body.readline() for _ in range(4)],
    "/readline-4": lambda body: [body.readline(4) for _ in range(4)],
    "/readlines": lambda body: body.readlines(),
    "/readlines-hint": lambda body: len(body.readlines(1)) > 0,
    "/iterate": lambda body: list(body),
    "/read-then-line": lambda body: [body.read(2), body.readline(), body.read(100)],
}
for _path, _read in READS.items():
    legal[_path] = reading(_read)

# `wsgiref.validate` wants a size; PEP 3333 does not.
illegal["/read"] = reading(lambda body: body.read())
illegal["/read-all"] = reading(lambda body: body.read(-1))
illegal["/read-none"] = reading(lambda body: body.read(None))
illegal["/read-beyond"] = reading(lambda body: [body.read(), body.read(), body.read(5), body.readline()])


@at("/unread")
def unread(environ, start_response):
    return whole(start_response, b"not read\n")


@at("/read-late")
def read_late(environ, start_response):
    """Answers before it reads."""
    start_response("200 OK", [TEXT])
    yield b"answered, then read "
    yield b"%d\n" % len(until_end(environ["wsgi.input"], 1000))


# Files


def a_file():
    file = tempfile.TemporaryFile()
    file.write(b"0123456789" * 10_000)
    file.seek(0)
    return file


def wrapped(environ, file):
    return environ["wsgi.file_wrapper"](file, 8192)


@at("/file")
def file(environ, start_response):
    start_response("200 OK", [TEXT, ("Content-Length", "100000")])
    return wrapped(environ, a_file())


@at("/file-no-length")
def file_no_length(environ, start_response):
    start_response("200 OK", [TEXT])
    return wrapped(environ, a_file())


@at("/file-position")
def file_position(environ, start_response):
    start_response("200 OK", [TEXT, ("Content-Length", "5")])
    opened = a_file()
    opened.seek(99_995)
    return wrapped(environ, opened)


@at("/file-part")
def file_part(environ, start_response):
    start_response("200 OK", [TEXT, ("Content-Length", "12")])
    opened = a_file()
    opened.seek(5)
    return wrapped(environ, opened)


@at("/file-memory")
def file_memory(environ, start_response):
    start_response("200 OK", [TEXT])
    return wrapped(environ, io.BytesIO(b"in memory\n" * 2000))


@at("/file-iterated")
def file_iterated(environ, start_response):
    """Not handed back: iterated by the application itself."""
    start_response("200 OK", [TEXT])
    for block in wrapped(environ, io.BytesIO(b"iterated\n")):
        yield block.upper()


class CountedFile(io.BytesIO):
    def close(self):
        closes["count"] += 1
        super().close()


@at("/file-closes")
def file_closes(environ, start_response):
    start_response("200 OK", [TEXT])
    return wrapped(environ, CountedFile(b"closed\n"))


# The server


@at("/early-hints")
def early_hints(environ, start_response):
    hint = environ.get("wsgi.early_hints")
    if hint:
        hint([("Link", "</a.css>; rel=preload")])
    return whole(start_response, b"hinted\n" if hint else b"cannot hint\n")


CGI = ("REQUEST_METHOD", "SCRIPT_NAME", "PATH_INFO", "QUERY_STRING", "CONTENT_TYPE", "CONTENT_LENGTH", "SERVER_PROTOCOL")


@at("/environ")
def cgi(environ, start_response):
    """What of the environ is the request's own, not the server's."""
    keys = sorted(key for key in environ if key in CGI or key.startswith("HTTP_"))
    lines = ["%s=%r" % (key, environ[key]) for key in keys]
    return whole(start_response, ("\n".join(lines) + "\n").encode())


for _path in ("/environ/caf\xc3\xa9", "/environ/a/b", "//environ", "/environ//a", "/environ/a b"):
    legal[_path] = cgi


@at("/kinds")
def kinds(environ, start_response):
    """Of what kind the things in the environ are."""
    told = [
        type(environ) is dict,
        environ["wsgi.version"],
        environ["wsgi.url_scheme"],
        environ["wsgi.multithread"],
        environ["wsgi.multiprocess"],
        environ["wsgi.run_once"],
        environ.get("wsgi.input_terminated"),
        all(type(value) is str for key, value in environ.items() if "." not in key),
        type(environ["SERVER_PORT"]) is str and environ["SERVER_PORT"] != "",
        threading.current_thread() is threading.main_thread(),
    ]
    return whole(start_response, repr(told).encode() + b"\n")


@at("/threads")
def threads(environ, start_response):
    """Other threads may read the body and make blocks; only who iterates calls the server."""
    got = []
    reader = threading.Thread(target=lambda: got.append(until_end(environ["wsgi.input"], 3)))
    reader.start()
    reader.join()
    return whole(start_response, got[0] + b"\n")


@at("/errors")
def errors(environ, start_response):
    stream = environ["wsgi.errors"]
    stream.write("written to wsgi.errors: caf\xe9 \u20ac\n")
    stream.writelines(["one\n", "two\n"])
    stream.flush()
    print("printed")
    return whole(start_response, b"told\n")
