"""Runs a WSGI application (PEP 3333) in processes of its own, behind Trivet's Node side.

    python -u trivet_worker.py        with a Unix stream socket to Node as file descriptor 3

Node owns HTTP: it reads requests whole, checks them, queues them, and hands each to a free *slot*. This file
owns the Python side of that seam and parses no HTTP. It plays two parts, one after the other:

* the **fork server** (`ForkServer`, further down) is told what to run, may import it once, and forks workers;
* a **worker** (`Worker`) keeps one connection to Node per slot. A `Slot` takes one request at a time, and an
  `Exchange` is one request and its answer: that is where WSGI happens, so start reading there.

The sections, in this order:

    Frames                                   what goes over a connection, and the connection (`Wire`)
    WSGI: one request and its answer         `Exchange`: start_response, write(), the ways a body goes out
    WSGI: what start_response is given       the checks of a status, of headers, of a block
    WSGI: what the environ holds             wsgi.input, wsgi.errors, wsgi.file_wrapper
    Slot                                     from the head of a request to its environ, one after the other
    Signals                                  which are minded, and how they are noted
    Worker                                   the process: boot, threads, the control connection, the end
    What is run                              the application by its name, and the hooks
    Fork server                              orders from Node, forks, and who ended
    Telling what went wrong                  tracebacks, and lines on stderr

Invariant: nothing of an answer is sent before it was checked, so what the application does wrong becomes a
500 while that is still possible, and a broken transfer, never a well-formed lie, once it is not.

The frames are described in PROTOCOL.md. Standard library only, Python 3.9 or later, Linux.
"""

from __future__ import annotations

import ast
import contextlib
import errno
import faulthandler
import gc
import importlib
import io
import json
import operator
import os
import re
import select
import selectors
import signal
import socket
import stat
import struct
import sys
import threading
import time
import traceback
from typing import Any, Callable, Iterator, NoReturn

# --- Frames -------------------------------------------------------------------------------------------------
#
# A frame is one letter, the length of its payload, and the payload. PROTOCOL.md says which letters there
# are, and what each carries; here are only their bytes. Whatever breaks a connection is `Gone`.

HEADER = struct.Struct('>cI')  # one byte of type, four of length
LARGEST_FRAME = 1 << 20  # longer ones are never sent, and end the connection when they come
CHUNK = 256 << 10  # a larger block leaves as several frames of this size
WHOLE = 64 << 10  # an answer of several blocks up to this size leaves in one write
WINDOW = 256 << 10  # bytes of a request's body that Node may send ahead of the application


def frame(kind: bytes, payload: bytes = b'') -> bytes:
    return HEADER.pack(kind, len(payload)) + payload


def json_frame(kind: bytes, content: dict) -> bytes:
    return frame(kind, json.dumps(content).encode('ascii'))


TAKE, LEAVING, LATE, END = frame(b'T'), frame(b'L'), frame(b'X'), frame(b'E')


class Gone(ConnectionError):
    """Node closed the connection, or what came over it was no frame."""


class Wire:
    """A connection to Node that carries frames. One thread receives."""

    __slots__ = ('socket', '_buffer', '_view', '_start', '_end', '_poll')

    def __init__(self, connection: socket.socket) -> None:
        self.socket = connection
        self._buffer = bytearray(WHOLE + 4096)
        self._view = memoryview(self._buffer)
        self._start = self._end = 0  # what was received and not yet taken
        self._poll = select.poll()
        self._poll.register(connection, select.POLLIN)

    def receive(self) -> tuple[bytes, memoryview]:
        """Waits for the next frame: its letter, and its payload, which is good until the next call."""
        start, end = self._start, self._end
        if start == end:
            start, end = 0, self._fill(0)
        while True:
            size = 0
            if end - start >= 5:
                kind, size = HEADER.unpack_from(self._buffer, start)
                stop = start + 5 + size
                if stop <= end:
                    self._start, self._end = stop, end
                    return kind, self._view[start + 5:stop]
                if size > LARGEST_FRAME:
                    raise Gone(f'a frame of {size} bytes came; {LARGEST_FRAME} is the limit')
            begun = bytes(self._view[start:end])  # to the front of a buffer that holds the frame whole
            if 5 + size > len(self._buffer):
                self._buffer = bytearray(5 + size)
                self._view = memoryview(self._buffer)
            self._view[:len(begun)] = begun
            start, end = 0, len(begun) + self._fill(len(begun))

    def _fill(self, at: int) -> int:
        try:
            count = self.socket.recv_into(self._view[at:] if at else self._buffer)
        except OSError as error:
            raise Gone(f'the connection to the server broke: {error}') from error
        if not count:
            raise Gone('the server closed the connection')
        return count

    def is_readable(self) -> bool:
        """Would `receive` find at least the beginning of a frame, or the end of the connection?"""
        return self._start < self._end or bool(self._poll.poll(0))

    def send(self, data: bytes | memoryview) -> None:
        """Sends all of it, waiting as long as that takes."""
        try:
            self.socket.sendall(data)
        except OSError as error:
            raise Gone(f'the connection to the server broke: {error}') from error

    def send_file(self, descriptor: int, offset: int, count: int) -> None:
        """Sends `count` bytes of a file by sendfile(2), or by reads where that is not to be had."""
        while count:
            try:
                moved = os.sendfile(self.socket.fileno(), descriptor, offset, count)
            except OSError as error:
                if error.errno not in (errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EOVERFLOW):
                    raise Gone(f'the connection to the server broke: {error}') from error
                data = os.pread(descriptor, min(count, CHUNK), offset)
                self.send(data)
                moved = len(data)
            if not moved:
                # The frame said how long it is, and filling it up would invent content: only a cut is honest.
                self.socket.shutdown(socket.SHUT_RDWR)
                raise Gone('a file became shorter while it was being sent')
            offset += moved
            count -= moved

    def stop_reading(self) -> None:
        """What has arrived can be received, then `receive` raises Gone; wakes a thread that waits in it."""
        with contextlib.suppress(OSError):  # it was closed from the other side
            self.socket.shutdown(socket.SHUT_RD)


# --- WSGI: one request and its answer -----------------------------------------------------------------------
#
# Everything that PEP 3333 says of the order of things: when start_response may be called, when the head
# goes out, what becomes of an error before and after that, and that close() is called.


class Violation(AssertionError):
    """The application broke a rule of PEP 3333; the message says which. AssertionError, as wsgiref raises."""


class Aborted(Exception):
    """Node does not want the answer any more: its client left, or the body of the request broke."""


NO_BODY = frozenset((204, 304))


class Exchange:
    """One request and its answer, from the call of the application to `close()` (PEP 3333, "Specification
    Details"). The head waits for the first non-empty block: until then `exc_info` may replace it, and an
    error may become a 500.
    """

    __slots__ = ('wire', 'errors', 'input', 'is_head', 'takes_hints', 'is_bodiless', 'lead', 'called', 'head',
                 'code', 'length', 'head_is_out', 'sent', 'over', 'aborted')

    def __init__(self, wire: Wire, errors: Errors, method: str) -> None:
        self.wire = wire
        self.errors = errors
        self.input: Input | None = None  # a body that is fetched on demand
        self.is_head = method == 'HEAD'
        self.takes_hints = False  # else they are checked and dropped
        self.lead = TAKE  # goes out in front of the first frame
        self.called = False
        self.head: bytes | None = None  # STATUS NUL name NUL value...
        self.length: int | None = None  # Content-Length
        self.head_is_out = False
        self.sent = 0  # bytes of the body
        self.over = False  # the last frame is out, or about to be
        self.aborted: str | None = None

    def run(self, application: Callable, environ: dict) -> None:
        """Calls the application, sends what it returns, calls `close()` exactly once, whatever happens."""
        result = failure = None
        try:
            result = application(environ, self.start_response)
            self.transmit(result)
        except BaseException as error:  # SystemExit too: an application must not end the worker
            failure = self.explain(error, environ)
        try:
            close = getattr(result, 'close', None)
            if close is not None:
                close()
        except BaseException as error:
            self.explain(error, environ)  # for stderr alone: an answer that is all out is not broken by this
        self.input = None
        if not self.over:
            self.errors.flush()
            self.over = True
            self.send(END if failure is None else json_frame(b'A', failure))

    # What the application is handed.

    def start_response(self, status: str, headers: list, exc_info: Any = None) -> Callable[[bytes], None]:
        """PEP 3333, "The start_response() Callable" and "Error Handling"."""
        try:
            if self.over:
                raise Violation('start_response was called after the request was over')
            if exc_info is None:
                if self.called:
                    raise Violation('start_response was called a second time without exc_info')
            elif not (isinstance(exc_info, tuple) and len(exc_info) == 3):
                raise Violation('exc_info must be a tuple as sys.exc_info() returns it')
            elif self.head_is_out:
                raise exc_info[1] or Violation('exc_info was empty, and the head had been sent')
        finally:
            exc_info = None  # kept, it would tie a knot of traceback and frame
        self.called = True
        self.head = None  # a second call replaces the first, also when it fails
        self.head, self.code, self.length = checked_head(status, headers)
        self.is_bodiless = self.is_head or self.code in NO_BODY  # RFC 9110 section 6.4.1
        return self.write

    def write(self, data: bytes) -> None:
        """PEP 3333, "The write() Callable": head and data are on their way when this returns."""
        if self.over:
            raise Violation('write() was called after the request was over')
        check_block(data)
        if data and not self.send_block(data) and not self.is_bodiless:
            raise Violation(f'write() went past the Content-Length of {self.length}')
        if not self.head_is_out:
            self.check_head()
            self.send(self.head_frame())

    def early_hints(self, headers: list) -> None:
        """`wsgi.early_hints`: an interim answer 103 (RFC 8297) with these fields, as Gunicorn offers it."""
        if self.over or self.head_is_out:
            raise Violation('early hints were given after the head of the answer was sent')
        if type(headers) is not list:
            raise Violation(f'early hints must be a list, not {type(headers).__name__}')
        fields = b''
        for pair in headers:
            field, size = field_of(pair)
            if size is not None:
                raise Violation('early hints cannot have a Content-Length')
            fields += field
        check_size(fields)
        if fields and self.takes_hints:
            self.send(frame(b'Y', fields[1:]))

    # What it returns.

    def transmit(self, result: Any) -> None:
        """Sends the answer; its end too, unless a `close()` has to come before it."""
        kind = type(result)
        if (kind is list or kind is tuple) and not self.head_is_out:
            self.transmit_blocks(result)
        elif kind is not FileWrapper or not self.transmit_file(result):
            self.transmit_iterable(result)

    def transmit_blocks(self, blocks: list | tuple) -> None:
        """A list is there as a whole: its length is known, and a small one leaves in a single write."""
        for block in blocks:
            check_block(block)
        size = len(blocks[0]) if len(blocks) == 1 else sum(map(len, blocks))
        self.expect(size)
        if self.is_bodiless or size > WHOLE or size > self.length:
            self.transmit_iterable(blocks)
            return
        self.errors.flush()
        head = self.head
        body = HEADER.pack(b'D', size) + b''.join(blocks) if size else b''
        self.head_is_out = self.over = True
        self.wire.send(b''.join((self.lead, HEADER.pack(b'H', len(head)), head, body, END)))

    def transmit_iterable(self, result: Any) -> None:
        """Each block is on its way before the next is asked for (PEP 3333, "Buffering and Streaming")."""
        if result is None or isinstance(result, (str, bytes, bytearray, memoryview)):
            raise Violation(f'the application returned {type(result).__name__}, not an iterable of bytes')
        is_single = hasattr(type(result), '__len__') and len(result) == 1
        for block in result:
            check_block(block)
            if is_single and block and not self.head_is_out:
                self.expect(len(block))
            self.check_head()
            if block and not self.send_block(block):
                break
            if self.wire.is_readable():
                self.take_what_came()
        self.finish()

    def transmit_file(self, wrapper: FileWrapper) -> bool:
        """The fast way of `wsgi.file_wrapper`: sendfile from where it stands; False if it is no real file."""
        found = regular_file(wrapper.filelike)
        if found is None:
            return False
        descriptor, offset, left = found
        if not self.head_is_out:
            self.expect(left)
        if self.is_bodiless:
            left = 0
        elif self.length is not None:
            left = min(left, self.length - self.sent)
        while left:
            count = min(left, CHUNK)
            self.send(self.head_frame() + HEADER.pack(b'D', count))
            self.wire.send_file(descriptor, offset, count)
            self.sent += count
            offset += count
            left -= count
            if self.wire.is_readable():
                self.take_what_came()
        self.finish()
        return True

    def send_block(self, block: bytes) -> bool:
        """Sends a non-empty block, behind the head if need be; False if no more of them is wanted."""
        self.check_head()
        if self.is_bodiless:
            if self.code in NO_BODY:
                self.errors.write(f'an answer {self.code} has no body: the application\'s was dropped\n')
            return False
        is_wanted = True
        if self.length is not None and self.sent + len(block) > self.length:
            self.errors.write(f'the body is longer than its Content-Length of {self.length}: it was cut\n')
            block = block[:self.length - self.sent]
            is_wanted = False
        head = self.head_frame()
        self.sent += len(block)
        if len(block) <= CHUNK:
            self.send(head + HEADER.pack(b'D', len(block)) + block if block else head)
            return is_wanted
        view = memoryview(block)
        for at in range(0, len(block), CHUNK):
            part = view[at:at + CHUNK]
            self.send(head + HEADER.pack(b'D', len(part)))
            self.wire.send(part)
            head = b''
        return is_wanted

    def finish(self) -> None:
        """The iterable is at its end: a head without a body goes out now, and the length must be right."""
        if not self.head_is_out:
            self.expect(0)
            self.send(self.head_frame())
        elif not self.is_bodiless and self.length is not None and self.sent < self.length:
            raise Violation(f'the body has {self.sent} bytes, its Content-Length is {self.length}')

    # Small steps.

    def expect(self, size: int) -> None:
        """The head is not out yet, and the body will have `size` bytes: says so, or checks what the
        application said (PEP 3333, "Handling the Content-Length Header")."""
        self.check_head()
        if self.length is None:
            # On HEAD the length is that of GET; a body that was left away for HEAD says nothing about it.
            if self.code not in NO_BODY and (size or not self.is_head):
                self.length = size
                self.head += b'\0Content-Length\0%d' % size
        elif size < self.length and not self.is_bodiless:
            raise Violation(f'the body has {size} bytes, its Content-Length is {self.length}')

    def check_head(self) -> None:
        """Has start_response been called, and accepted what it was given?"""
        if self.head is None:
            raise Violation('the application went on after start_response had refused its call' if self.called
                            else 'the application gave its answer without having called start_response')

    def send(self, data: bytes) -> None:
        """Sends frames, behind T if it is not out yet."""
        if self.lead:
            data = self.lead + data
            self.lead = b''
        self.wire.send(data)

    def head_frame(self) -> bytes:
        """The frame of the head, once; then nothing."""
        if self.head_is_out:
            return b''
        self.head_is_out = True
        return HEADER.pack(b'H', len(self.head)) + self.head

    def take_what_came(self) -> None:
        """Looks, between two blocks, whether Node gave up; data of the body is kept for a later read."""
        while self.wire.is_readable():
            kind, payload = self.wire.receive()
            if kind == b'A':
                self.aborted = str(payload, 'latin-1')
                raise Aborted(self.aborted)
            if self.input is not None:
                self.input.store(kind, payload)

    def explain(self, error: BaseException, environ: dict) -> dict:
        """What the frame `A` says; the traceback goes to stderr too, unless only the client left."""
        trace = traceback_of(error)
        if self.aborted is not None or isinstance(error, Gone):
            return {'kind': 'aborted', 'message': self.aborted or str(error), 'trace': trace}
        which = ('REQUEST_METHOD', 'PATH_INFO', 'trivet.request_id')
        complain(f'the application failed: {" ".join(str(environ.get(key, "-")) for key in which)}\n{trace}')
        if isinstance(error, Violation):
            return {'kind': 'violation', 'message': str(error)[:2000], 'trace': trace}
        return {'kind': 'exception', 'message': last_line(error), 'trace': trace}


# --- WSGI: what start_response is given ---------------------------------------------------------------------
#
# Checks of single values, which know nothing of a request. They give back what the wire wants, or raise
# Violation; no CR, LF or NUL gets past them.

STATUS = re.compile(r'([2-9][0-9][0-9]) (?! )[ -~\x80-\xff]+(?<! )')  # 1xx are interim, and no answer
TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
VALUE = re.compile(r'[ -~\x80-\xff]*')
DIGITS = re.compile(r'[0-9]{1,15}')  # as many as Node counts exactly

# RFC 9110 section 7.6.1, by the names of wsgiref.util.is_hop_by_hop; and `Status`, which is CGI's.
NOT_FOR_APPLICATIONS = frozenset(
    'connection keep-alive proxy-authenticate proxy-authorization proxy-connection te trailer trailers '
    'transfer-encoding upgrade status'.split())

# Applications say the same things again and again: what was checked once is only looked up.
KNOWN_STATUSES: dict[str, tuple[bytes, int]] = {}
KNOWN_FIELDS: dict[tuple[str, str], tuple[bytes, int | None]] = {}
KNOWN_AT_MOST = 1024


def checked_head(status: str, headers: list) -> tuple[bytes, int, int | None]:
    """The head as the wire wants it, the status code, the Content-Length; or a Violation."""
    known = KNOWN_STATUSES.get(status) if type(status) is str else None
    line, code = known or status_of(status)
    if type(headers) is not list:
        raise Violation(f'the headers must be a list, not {type(headers).__name__}')
    parts = [line]
    length = None
    for pair in headers:
        try:
            field, size = KNOWN_FIELDS[pair]
        except (KeyError, TypeError):
            field, size = field_of(pair)
        if size is not None:
            if length is not None:
                raise Violation('Content-Length is given twice')
            length = size
            if code == 204:
                continue  # RFC 9110 section 8.6: none on 204
        parts.append(field)
    head = b''.join(parts)
    check_size(head)
    return head, code, length


def check_size(head: bytes) -> None:
    """Is there room in one frame for it, and for a Content-Length behind it?"""
    if len(head) > LARGEST_FRAME - 64:
        raise Violation(f'the head of the answer has {len(head)} bytes')


def status_of(status: str) -> tuple[bytes, int]:
    """Checks a status such as `200 OK`: three digits, a blank, a reason, no control characters."""
    if not isinstance(status, str):
        raise Violation(f'the status must be a str, not {type(status).__name__}')
    match = STATUS.fullmatch(status)
    if match is None:
        raise Violation(f'status {status!r} is not a final code, a blank and a plain reason')
    found = status.encode('latin-1'), int(match.group(1))
    if len(KNOWN_STATUSES) < KNOWN_AT_MOST:
        KNOWN_STATUSES[str(status)] = found
    return found


def field_of(pair: Any) -> tuple[bytes, int | None]:
    """Checks one (name, value): as the wire wants it, and the number if it is Content-Length."""
    if not (isinstance(pair, tuple) and len(pair) == 2):
        raise Violation(f'a header must be a tuple of name and value, not {pair!r}')
    name, value = pair
    if not (isinstance(name, str) and isinstance(value, str)):
        raise Violation(f'name and value of a header must be str: {pair!r}')
    if TOKEN.fullmatch(name) is None:
        raise Violation(f'{name!r} is not a name of a header')
    if VALUE.fullmatch(value) is None:
        raise Violation(f'header {name} has a control character, or one beyond latin-1, in {value!r}')
    lower = name.lower()
    if lower in NOT_FOR_APPLICATIONS:
        raise Violation(f'header {name} is not for an application to set')
    size = None
    if lower == 'content-length':
        if DIGITS.fullmatch(value) is None:
            raise Violation(f'Content-Length {value!r} is not a number')
        size = int(value)
    found = f'\0{name}\0{value}'.encode('latin-1'), size
    if len(value) <= 128:
        if len(KNOWN_FIELDS) >= KNOWN_AT_MOST:
            KNOWN_FIELDS.clear()
        KNOWN_FIELDS[str(name), str(value)] = found
    return found


def check_block(block: Any) -> None:
    """What a body is made of is bytes: a str, or a number out of a bare `bytes`, is refused in time."""
    if not isinstance(block, bytes):
        raise Violation(f'the body must be made of bytes, not {type(block).__name__}')


# --- WSGI: what the environ holds ---------------------------------------------------------------------------
#
# The objects that an application finds in its environ. The strings there come from Node as they are; see
# `Slot`.


class BodyBroken(ConnectionError):
    """The body of the request will not be completed: the client left, or sent what is no body."""


class Input(io.RawIOBase):
    """What is under `wsgi.input` while a body is on its way (PEP 3333, "Input and Error Streams").

    The application reads through an io.BufferedReader. The first read asks Node for the body, and so Node's
    `100 Continue` goes out when the application wants one. At most WINDOW bytes are under way.
    """

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._held = b''  # received, not yet read
        self._credit = 0  # bytes that Node may still send
        self._is_complete = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        """Waits for the next data; 0 at the end, for ever."""
        exchange = self._exchange
        while not self._held and not self._is_complete:
            if exchange.over:  # whoever kept the stream must not take the frames of the next request
                raise BodyBroken('the body was read after the request was over')
            if exchange.aborted is not None:
                raise BodyBroken(f'the body of the request is not complete: {exchange.aborted}')
            if self._credit <= WINDOW // 2:
                exchange.send(frame(b'R', struct.pack('>I', WINDOW - self._credit)))
                self._credit = WINDOW
            kind, payload = exchange.wire.receive()
            if kind == b'A':
                exchange.aborted = str(payload, 'latin-1')
            self.store(kind, payload)
        count = min(len(buffer), len(self._held))
        buffer[:count] = self._held[:count]
        self._held = self._held[count:]
        return count

    def store(self, kind: bytes, payload: memoryview) -> None:
        """Keeps what a frame D brought, or that E came."""
        if kind == b'D':
            self._held += bytes(payload)
            self._credit -= len(payload)
        elif kind == b'E':
            self._is_complete = True


class Errors:
    """`wsgi.errors`, a text stream: whole lines travel with the request to the server's log.

    One per slot. What other threads write, or is written between requests, has no request: it goes to stderr.
    """

    __slots__ = ('_exchange', '_thread', '_line')

    def __init__(self) -> None:
        self._exchange: Exchange | None = None
        self._line = ''  # not yet ended by a line feed

    def begin(self, exchange: Exchange) -> None:
        """From now on the lines of this thread belong to this exchange."""
        self._exchange = exchange
        self._thread = threading.get_ident()

    def write(self, text: str) -> int:
        """Takes str only, of any characters; the end of a line is normalised."""
        if not isinstance(text, str):
            raise TypeError(f'wsgi.errors takes str, not {type(text).__name__}')
        if self._exchange is None or self._exchange.over or threading.get_ident() != self._thread:
            sys.stderr.write(text)
            return len(text)
        lines, feed, self._line = (self._line + text.replace('\r\n', '\n')).rpartition('\n')
        self._send(lines + feed)
        if len(self._line) > WHOLE:
            self.flush()
        return len(text)

    def writelines(self, lines: Any) -> None:
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        """Also sends a line that has not ended yet."""
        if self._line and threading.get_ident() == self._thread:
            line, self._line = self._line, ''
            self._send(line)

    def _send(self, text: str) -> None:
        data = text.encode('utf-8', 'backslashreplace')
        for at in range(0, len(data), WHOLE):
            self._exchange.send(frame(b'G', data[at:at + WHOLE]))


class FileWrapper:
    """`wsgi.file_wrapper` (PEP 3333, "Optional Platform-Specific File Handling"): an iterable over any object
    with `read(size)`. Returned as it is, and around a regular file, it goes out by sendfile."""

    def __init__(self, filelike: Any, blksize: int = 8192) -> None:
        self.filelike = filelike
        self.blksize = blksize
        if hasattr(filelike, 'close'):
            self.close = filelike.close

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        block = self.filelike.read(self.blksize)
        if block:
            return block
        raise StopIteration


def regular_file(filelike: Any) -> tuple[int, int, int] | None:
    """Descriptor, position and bytes from there of a binary file on a disk; None: read() has to be trusted.

    Only io's own types are taken at their word: a GzipFile has a fileno() too, that of the compressed file.
    """
    plain = getattr(filelike, 'file', filelike)  # tempfile's wrapper
    is_buffered = type(plain) in (io.BufferedReader, io.BufferedRandom)
    if type(plain.raw if is_buffered else plain) is not io.FileIO:
        return None
    try:
        plain.flush()
        descriptor, offset = plain.fileno(), plain.tell()
        status = os.fstat(descriptor)
        # Those of /proc and /sys have a size of 0, whatever is in them.
        if stat.S_ISREG(status.st_mode) and status.st_size and plain.readable():
            return descriptor, offset, max(0, status.st_size - offset)
    except (OSError, ValueError):
        return None  # closed, or not to be told: its own read() says it best
    return None


# --- Slot ---------------------------------------------------------------------------------------------------
#
# A thread, a connection and the loop between them: waits for a head, makes the environ, runs an Exchange.
# Node gives a slot no second request before the first is answered.


class Slot:
    """One connection on which one request at a time is served."""

    def __init__(self, worker: Worker) -> None:
        self.is_busy = False
        self._worker = worker
        self.wire = worker.connect('slot')
        self._errors = Errors()
        self._base = {  # PEP 3333, "environ Variables"; the CGI variables come with each request
            'wsgi.version': (1, 0),
            'wsgi.errors': self._errors,
            'wsgi.multithread': worker.threads > 1,
            'wsgi.multiprocess': worker.is_one_of_many,
            'wsgi.run_once': False,
            'wsgi.input_terminated': True,
            'wsgi.file_wrapper': FileWrapper,
            'trivet.draining': worker.draining,
        }

    def run(self) -> None:
        """Serves until Node closes the connection, or the worker leaves."""
        worker, wire = self._worker, self.wire
        try:
            while True:
                # By this order, and that of the lines in Worker.leave, no request is taken and then dropped.
                self.is_busy = False
                if worker.is_leaving:
                    wire.stop_reading()
                kind, payload = wire.receive()
                if kind != b'H':
                    continue  # what the last request left unread
                self.is_busy = True
                if worker.is_leaving:
                    wire.send(LEAVING)
                else:
                    self.serve(str(payload, 'latin-1'))
        except Gone as reason:
            if self.is_busy:
                complain(f'worker {worker.id} lost a request: {reason}')
        except Exception as error:  # a head that cannot be read: nothing on this connection is to be trusted
            complain(traceback_of(error))
        wire.socket.close()
        worker.leave()

    def serve(self, head: str) -> None:
        """Makes the environ of a request's head, and runs the application, unless it is too late for that."""
        split = head.split('\0')
        if '%00' in head:
            undo_escapes(split)
        fields = iter(split)
        flags, age = next(fields), next(fields)
        wire = self.wire
        if 'q' in flags and is_late(flags, age):
            wire.send(LATE)
            return
        environ = self._base.copy()
        environ.update(zip(fields, fields))
        method = environ['REQUEST_METHOD']
        exchange = Exchange(wire, self._errors, method)
        if 's' in flags:
            exchange.input = Input(exchange)
            environ['wsgi.input'] = io.BufferedReader(exchange.input, WHOLE)
        else:
            body = self.whole_body() if 'b' in flags else io.BytesIO()
            if body is None:
                wire.send(ABORTED_BODY)
                return
            environ['wsgi.input'] = body
        exchange.takes_hints = 'e' in flags
        environ['wsgi.early_hints'] = exchange.early_hints
        if method != 'GET' and method != 'HEAD':
            # Node repeats elsewhere what was not taken, so that is told before anything can have happened.
            exchange.lead = b''
            wire.send(TAKE)
        self._errors.begin(exchange)
        exchange.run(self._worker.application, environ)

    def whole_body(self) -> io.BytesIO | None:
        """A small body that came along with the head; None if it broke."""
        body = io.BytesIO()
        while True:
            kind, payload = self.wire.receive()
            if kind == b'D':
                body.write(payload)
            elif kind == b'E':
                body.seek(0)
                return body
            elif kind == b'A':
                return None


ABORTED_BODY = json_frame(b'A', {'kind': 'aborted', 'message': 'the body of the request broke', 'trace': ''})


def is_late(flags: str, age: str) -> bool:
    """Has the request waited longer than the digits behind `q` allow? An age `MS@NOW` has the sender's
    monotonic clock, in milliseconds, behind it: then the time in the socket counts too."""
    waited, _, sent_at = age.partition('@')
    total = float(waited)
    if sent_at:
        total += max(0.0, time.monotonic() * 1000 - float(sent_at))
    return total > int(flags.partition('q')[2])


def undo_escapes(fields: list[str]) -> None:
    """A value that holds a NUL comes percent-encoded under its key with `=` appended; put right in place."""
    for at in range(2, len(fields) - 1, 2):
        if fields[at].endswith('='):  # of no header field: those are tokens
            fields[at] = fields[at][:-1]
            fields[at + 1] = fields[at + 1].replace('%00', '\0').replace('%25', '%')


# --- Signals ------------------------------------------------------------------------------------------------
#
# Workers and the fork server act on none of them in a handler: Python runs handlers in the main thread
# alone, and that may be stuck. The interpreter notes the number of the signal in a pipe, and whoever waits
# on that pipe acts.

# What Node or a terminal sends, maybe to the whole group; HUP, USR1 and USR2 are Node's business.
SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT, signal.SIGABRT, signal.SIGHUP, signal.SIGUSR1,
           signal.SIGUSR2)
NOTED = (*SIGNALS, signal.SIGCHLD)  # by the fork server
ORPHAN_GRACE = 30.0  # seconds that requests in flight have to end when Node is gone


def note_signals(numbers: tuple[int, ...]) -> tuple[int, int]:
    """From now on each of these signals only writes its number into the pipe that is returned."""
    ends = os.pipe()
    for end in ends:
        os.set_blocking(end, False)
    for number in numbers:
        signal.signal(number, lambda *_: None)
        signal.siginterrupt(number, False)
    signal.set_wakeup_fd(ends[1], warn_on_full_buffer=False)
    return ends


def forget_signals(numbers: tuple[int, ...]) -> None:
    """For a child, to which the notes of its parent are not its own."""
    signal.set_wakeup_fd(-1)
    for number in numbers:
        signal.signal(number, signal.SIG_DFL)


# --- Worker -------------------------------------------------------------------------------------------------
#
# The main thread serves slot 0, others the further slots, and one more the control connection: pings,
# signals, and the word to end. How a worker ends, by whom it was told, is a table in PROTOCOL.md.


class Worker:
    """A process that serves requests. Hooks are given this: `id`, `pid` and `application` are for them.

    Signals are only noted; the control thread acts on them, so that a worker whose main thread is stuck still
    answers pings, shows its stacks, and ends when told.
    """

    def __init__(self, number: int, configuration: dict, hooks: Hooks, application: Callable | None) -> None:
        self.id = number
        self.pid = os.getpid()
        self.application = application
        self.threads = max(1, int(configuration.get('threads') or 1))
        self.is_one_of_many = bool(configuration.get('multiprocess'))
        self.is_leaving = False
        self.draining = threading.Event()
        self._configuration = configuration
        self._hooks = hooks
        self._slots: list[Slot] = []
        self._is_serving = False
        self._exit_code = 0
        self._control_lock = threading.Lock()

    def run(self) -> int:
        """From the fork to the end; returns the exit status. Runs in the main thread."""
        try:
            self._control = self.connect('control')
            for name, descriptor in (('stdout', 1), ('stderr', 2)):
                with self.connect(name).socket as stream:
                    os.dup2(stream.fileno(), descriptor)
        except OSError as error:
            complain(f'worker {self.id} does not reach the server: {error}')
            return 1
        faulthandler.disable()
        self._wake, _ = note_signals(SIGNALS)
        # After SIGABRT's handler was set: faulthandler writes the stacks, from C, even while the interpreter
        # is stuck, then gives the signal back to that handler, and so the process goes on.
        faulthandler.enable()
        threading.Thread(target=self._obey, name='trivet-control', daemon=True).start()
        try:
            self._hooks.call('post_fork', self)
            if self.application is None:
                self.application = load_application(self._configuration['application'])
            self._hooks.call('post_worker_init', self)
        except Unusable as unusable:
            self._exit_code = unusable.code  # also if Node hangs up on hearing it
            self._tell(b'f', {'problems': unusable.problems, 'code': unusable.code})
            end_now(self._exit_code)
        gc.collect()
        gc.freeze()  # what the import made stays: no collection needs to look at it again
        try:
            self._serve()
        except Gone as reason:
            complain(f'worker {self.id} was not wanted any more: {reason}')
        self._hooks.try_call('worker_exit', self)
        return 0

    def _serve(self) -> None:
        """Slot 0 is served by the main thread, as in a server of one thread."""
        self._slots = [Slot(self) for _ in range(self.threads)]
        os.register_at_fork(after_in_child=self._disown)
        others = [threading.Thread(target=slot.run, name=f'trivet-slot-{number}')
                  for number, slot in enumerate(self._slots[1:], 1)]
        for thread in others:
            thread.start()
        self._is_serving = True
        self._tell(b'r', {})
        self._slots[0].run()
        for thread in others:
            thread.join()

    def connect(self, purpose: str) -> Wire:
        """Opens a connection to Node and says what it is for."""
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.connect(self._configuration['socket'])
        wire = Wire(connection)
        wire.send(json_frame(b'h', {'token': self._configuration['token'], 'worker': self.id, 'is': purpose}))
        return wire

    def leave(self) -> None:
        """No further request is taken; those in flight are finished. The idle slots are woken to see it."""
        self.is_leaving = True
        self.draining.set()
        for slot in self._slots:
            if not slot.is_busy:
                slot.wire.stop_reading()

    # The control thread.

    def _obey(self) -> None:
        """Answers pings and acts on signals, as long as the process lives."""
        poll = select.poll()
        poll.register(self._wake, select.POLLIN)
        poll.register(self._control.socket, select.POLLIN)
        while True:
            for descriptor, _ in poll.poll():
                if descriptor == self._wake:
                    for number in os.read(self._wake, 64):
                        self._act_on(number)
                elif not self._hear():
                    poll.unregister(self._control.socket)
                    threading.Timer(ORPHAN_GRACE, end_now, (0,)).start()

    def _hear(self) -> bool:
        """All that has come of Node's; False when the connection has ended."""
        while self._control.is_readable():
            try:
                kind, _ = self._control.receive()
            except Gone:
                self._end_when_idle()
                return False
            if kind == b'p':
                self._tell(b'p', {})
            elif kind == b'd':
                self.draining.set()
            elif kind == b'q':
                self._end_when_idle()
        return True

    def _act_on(self, number: int) -> None:
        if number == signal.SIGTERM:
            self._tell(b'l', {})
            self._end_when_idle()
        elif number in (signal.SIGINT, signal.SIGQUIT):
            end_now(0)
        elif number == signal.SIGABRT:
            faulthandler.disable()  # it has let go of the signal; this takes it again
            faulthandler.enable()
            self._hooks.try_call('worker_abort', self)

    def _end_when_idle(self) -> None:
        if not self._is_serving:
            end_now(self._exit_code)
        self.leave()

    def _tell(self, kind: bytes, content: dict) -> None:
        with self._control_lock, contextlib.suppress(Gone):  # then the control thread reads the end of file
            self._control.send(json_frame(kind, content))

    def _disown(self) -> None:
        """In a child that the application forks: neither our connections nor our signals are its own."""
        forget_signals(SIGNALS)
        for wire in [self._control, *(slot.wire for slot in self._slots)]:
            wire.socket.close()


def end_now(code: int) -> NoReturn:
    """Ends the process without atexit handlers, and without waiting for threads."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)


# --- What is run --------------------------------------------------------------------------------------------
#
# The user's own code, found by the names in the configuration. What is wrong with it is told in sentences
# that name the setting, the file and the line (`Unusable`), and ends the process with 78 unless it may
# pass.

CONFIGURATION_FAULT = 78  # EX_CONFIG of sysexits.h


class Unusable(Exception):
    """What was configured does not run: the sentences to show, and the exit status."""

    def __init__(self, problems: list[str], code: int = CONFIGURATION_FAULT) -> None:
        super().__init__('; '.join(problems))
        self.problems = problems
        self.code = code


def load_application(where: str) -> Callable:
    """The callable that `module`, `module:name` or `module:factory(literals)` names, as Gunicorn reads it."""
    setting = f'APP_APPLICATION={where}'
    module_name, _, expression = where.partition(':')
    expression = expression.strip() or 'application'
    if module_name.endswith('.py') or not all(part.isidentifier() for part in module_name.split('.')):
        hint = '; it is written with dots, and without .py' if '/' in where or '.py' in where else ''
        raise Unusable([f'{setting}: {module_name!r} is not the name of a module{hint}'])
    name, arguments = parsed(expression, setting)
    module = import_module(module_name, setting)
    place = getattr(module, '__file__', None) or 'a namespace package'
    try:
        found = operator.attrgetter(name)(module)
    except AttributeError:
        raise Unusable([f'{setting}: module {module_name!r} ({place}) has no {name!r}']) from None
    if arguments is not None:
        try:
            found = found(*arguments[0], **arguments[1])
        except BaseException as error:
            raise unusable(f'{setting}: calling {name!r} failed', error) from error
    if not callable(found):
        raise Unusable([f'{setting}: {expression!r} in {place} is not a callable but {type(found).__name__}'])
    return found


def parsed(expression: str, setting: str) -> tuple[str, tuple[list, dict] | None]:
    """The dotted name in `expression`, and the literal arguments if it is a call."""
    try:
        node = ast.parse(expression, mode='eval').body
        arguments = None
        if isinstance(node, ast.Call):
            arguments = ([ast.literal_eval(each) for each in node.args],
                         {str(each.arg): ast.literal_eval(each.value) for each in node.keywords})
            node = node.func
        name = ast.unparse(node)
    except (SyntaxError, ValueError):
        name = ''
    if not all(part.isidentifier() for part in name.split('.')):
        raise Unusable([f'{setting}: {expression!r} is neither a name nor a call with literal arguments'])
    return name, arguments


def import_module(name: str, setting: str) -> Any:
    """Imports a module; what goes wrong is told with file and line. sys.exit() at import is a failure too."""
    try:
        return importlib.import_module(name)
    except BaseException as error:
        missing = error.name if isinstance(error, ModuleNotFoundError) else None
        if missing and f'{name}.'.startswith(f'{missing}.'):
            raise Unusable([f'{setting}: there is no module {missing!r} in {os.getcwd()} or on sys.path',
                            last_line(error)]) from error
        raise unusable(f'{setting}: importing {name!r} failed', error) from error


def unusable(what: str, error: BaseException, code: int = CONFIGURATION_FAULT) -> Unusable:
    """The traceback goes to stderr, its place and last line into the problems."""
    complain(traceback_of(error))
    frames = [each for each in traceback.extract_tb(error.__traceback__) if not is_machinery(each.filename)]
    if isinstance(error, SyntaxError) and error.filename:
        what += f' at {error.filename} line {error.lineno}'
    elif frames:
        what += f' at {frames[-1].filename} line {frames[-1].lineno}'
    called = f'it called sys.exit({error.code!r})' if isinstance(error, SystemExit) else last_line(error)
    return Unusable([what, called], code)


class Hooks:
    """The functions of the module that APP_HOOKS names: post_fork, post_worker_init, worker_abort and
    worker_exit. Each is optional and is given the Worker."""

    def __init__(self, name: str | None) -> None:
        self._module = import_module(name, f'APP_HOOKS={name}') if name else None

    def call(self, name: str, worker: Worker) -> None:
        """Runs a hook; what it raises makes the worker unusable, by a fault that may pass."""
        hook = getattr(self._module, name, None)
        try:
            if hook is not None:
                hook(worker)
        except BaseException as error:
            raise unusable(f'APP_HOOKS: {name} failed', error, 1) from error

    def try_call(self, name: str, worker: Worker) -> None:
        """Runs a hook whose failure changes nothing any more; its traceback is on stderr."""
        with contextlib.suppress(Unusable):
            self.call(name, worker)


# --- Fork server --------------------------------------------------------------------------------------------
#
# The parent of the workers, and the only part that is there from start to end of a generation. It reads
# orders, lines of JSON on file descriptor 3, and imports the hooks, and the application where that is
# preloaded.


class ForkServer:
    """Forks workers when Node says so, relays signals, and reports who ended: Gunicorn's arbiter without its
    socket. With preload the application is imported here, once, and the workers share its memory."""

    def __init__(self, channel: socket.socket) -> None:
        self._channel = channel
        self._received = b''
        self._children: dict[int, int] = {}  # process id → worker id
        self._application: Callable | None = None
        self._selector = selectors.DefaultSelector()
        self._selector.register(channel, selectors.EVENT_READ, self._take_orders)
        self._is_open = True
        self._node = os.getppid()
        self._patience = float('inf')  # until then its children may live without Node

    def run(self) -> int:
        """Returns the exit status: of the fork server, or, in a child, of the worker."""
        while self._is_open or self._children:
            if time.monotonic() > self._patience:
                for worker in self._children.values():
                    self._relay(worker, signal.SIGKILL)
            for key, _ in self._selector.select(None if self._is_open else 1):
                for order in key.data():
                    if 'configure' in order:
                        try:
                            self._configure(order['configure'])
                        except Unusable as unusable:
                            self._say({'failed': {'problems': unusable.problems, 'code': unusable.code}})
                            return unusable.code
                    elif 'signal' in order:
                        self._relay(order['signal'], getattr(signal, order['name']))
                    elif 'fork' in order and self._fork(order['fork']):
                        worker = Worker(order['fork'], self._configuration, self._hooks, self._application)
                        return worker.run()
        self._tidy_up()
        return 0

    def _configure(self, configuration: dict) -> None:
        chdir = os.path.abspath(configuration.get('chdir') or '.')
        try:
            os.chdir(chdir)
        except OSError as error:
            raise Unusable([f'APP_CHDIR={chdir}: {error.strerror}']) from error
        if sys.path and os.path.realpath(sys.path[0]) == os.path.dirname(os.path.realpath(__file__)):
            del sys.path[0]  # put there by Python because this file lies there
        sys.path.insert(0, chdir)
        self._configuration = configuration
        self._hooks = Hooks(configuration.get('hooks'))
        if configuration.get('preload'):
            with ended_without(self._channel, self._tidy_up):
                self._application = load_application(configuration['application'])
            if threading.active_count() > 1:
                complain('the application started threads while it was preloaded: no worker has them')
        gc.collect()
        # Not before: what is imported may wait for children of its own, and SIGTERM shall end a stuck import.
        self._wake = note_signals(NOTED)
        self._selector.register(self._wake[0], selectors.EVENT_READ, self._act_on_signals)
        self._say({'ready': True})

    def _fork(self, number: int) -> bool:
        """True in the child."""
        gc.freeze()  # a collection in a child would write to, and so copy, the memory that all share
        mask = signal.pthread_sigmask(signal.SIG_BLOCK, NOTED)  # a child must not write to this pipe
        try:
            pid = os.fork()
            if not pid:
                forget_signals(NOTED)
        except OSError as error:
            complain(f'worker {number} was not forked: {error}')
            self._say({'exited': number, 'code': 1, 'signal': None})
            return False
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        if pid:
            self._children[pid] = number
            self._say({'forked': number, 'pid': pid})
            return False
        self._selector.close()
        self._channel.close()
        for end in self._wake:
            os.close(end)
        if 'random' in sys.modules:
            sys.modules['random'].seed()  # else all workers would draw the same numbers
        return True

    def _take_orders(self) -> list[dict]:
        data = self._channel.recv(65536)
        if not data:
            self._is_open = False
            self._selector.unregister(self._channel)
            # Each ends by itself, unless it is halted, or stuck where Python cannot end it.
            self._patience = time.monotonic() + ORPHAN_GRACE + 2
        *lines, self._received = (self._received + data).split(b'\n')
        return [json.loads(line) for line in lines if line]

    def _act_on_signals(self) -> list[dict]:
        for number in os.read(self._wake[0], 512):
            if number == signal.SIGCHLD:
                self._reap()
            elif number in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT):
                for worker in self._children.values():
                    self._relay(worker, number)
        return []

    def _relay(self, worker: int, number: int) -> None:
        for pid, each in self._children.items():
            if each == worker:
                os.kill(pid, number)  # not waited for yet, so the id is still that of our child

    def _reap(self) -> None:
        with contextlib.suppress(ChildProcessError):  # there are no children any more
            pid, status = os.waitpid(-1, os.WNOHANG)
            while pid:
                worker = self._children.pop(pid, None)
                if worker is not None:
                    is_killed = os.WIFSIGNALED(status)
                    self._say({'exited': worker, 'code': None if is_killed else os.WEXITSTATUS(status),
                               'signal': signal.Signals(os.WTERMSIG(status)).name if is_killed else None})
                pid, status = os.waitpid(-1, os.WNOHANG)

    def _tidy_up(self) -> None:
        """Where Node was killed, and removes nothing: the socket, and its folder unless others are in it."""
        path = self._configuration['socket']
        for _ in range(10):  # its sockets are closed shortly before its children are another's
            if os.getppid() != self._node or not os.path.exists(path):
                break
            time.sleep(0.01)
        if os.getppid() == self._node:
            return
        with contextlib.suppress(OSError):
            os.unlink(path)
        with contextlib.suppress(OSError):
            os.rmdir(os.path.dirname(path))

    def _say(self, content: dict) -> None:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # as the next read tells
            self._channel.sendall(json.dumps(content).encode('ascii') + b'\n')


@contextlib.contextmanager
def ended_without(channel: socket.socket, tidy_up: Callable[[], None]) -> Iterator[None]:
    """Inside, the end of Node's side of the channel ends the process: a stuck import never reads it."""
    ours, theirs = os.pipe()

    def watch() -> None:
        poll = select.poll()
        poll.register(channel, select.POLLRDHUP)  # orders may come meanwhile, and wait
        poll.register(ours, 0)
        if any(found == channel.fileno() for found, _ in poll.poll()):
            tidy_up()
            end_now(1)

    thread = threading.Thread(target=watch, name='trivet-channel', daemon=True)
    thread.start()
    try:
        yield
    finally:
        os.close(theirs)
        thread.join()  # no worker is to be forked beside it
        os.close(ours)


# --- Telling what went wrong --------------------------------------------------------------------------------
#
# For people: what Node shows beside an error, and what goes to stderr, which in a worker is a connection to
# Node.


def is_machinery(filename: str) -> bool:
    """Is this our file, or one of the import system, and so no place to send somebody to look for a fault?"""
    return filename == __file__ or filename.startswith(('<frozen', os.path.dirname(importlib.__file__)))


def traceback_of(error: BaseException) -> str:
    """The traceback, from the application's first frame on, at most 64 KiB."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None and is_machinery(trace.tb_frame.f_code.co_filename):
        trace = trace.tb_next
    return ''.join(traceback.format_exception(type(error), error, trace))[-WHOLE:]


def last_line(error: BaseException) -> str:
    return ''.join(traceback.format_exception_only(type(error), error)).strip().rpartition('\n')[2][:2000]


def complain(text: str) -> None:
    """One write to stderr, so that lines of several threads do not mix."""
    with contextlib.suppress(OSError, ValueError):
        sys.stderr.write(text if text.endswith('\n') else f'{text}\n')


if __name__ == '__main__':
    sys.exit(ForkServer(socket.socket(fileno=3)).run())
