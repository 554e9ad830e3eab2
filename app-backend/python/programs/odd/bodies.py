"""What an application returns, and what it writes."""

from .tables import TEXT, at, illegal, whole


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


# Bodies with a fault


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
