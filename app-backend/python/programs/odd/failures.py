"""Where an application fails, ends its process, and how `close()` is called."""

import os
import sys

from .tables import TEXT, at, illegal, whole


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
