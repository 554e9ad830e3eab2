"""Applications to try the worker with, and what is known of them afterwards."""

from __future__ import annotations

import io
import unittest
from contextlib import redirect_stderr

PLAIN = [('Content-Type', 'text/plain')]


class Quiet(unittest.TestCase):
    """Tracebacks of applications that fail on purpose go to `self.stderr`."""

    def setUp(self) -> None:
        self.stderr = io.StringIO()
        redirection = redirect_stderr(self.stderr)
        redirection.__enter__()
        self.addCleanup(redirection.__exit__, None, None, None)


class Recorder:
    """An iterable that counts what is done to it."""

    def __init__(self, blocks, on_close=None) -> None:
        self.blocks = iter(blocks)
        self.taken = 0
        self.closed = 0
        self.on_close = on_close

    def __iter__(self):
        return self

    def __next__(self):
        block = next(self.blocks)
        self.taken += 1
        if isinstance(block, BaseException):
            raise block
        return block

    def close(self) -> None:
        self.closed += 1
        if self.on_close:
            raise self.on_close


def gives(result, status='200 OK', headers=PLAIN):
    def application(environ, start_response):
        start_response(status, list(headers))
        return result
    return application
