"""Plays Node for the tests of trivet_worker, for one slot in this process; `server_driver` has real processes."""

from __future__ import annotations

import contextlib
import json
import select
import socket
import struct
import threading
import time

import trivet_worker as shim

WAIT = 20.0  # the most that any test waits for anything


class Peer:
    """Node's end of one connection."""

    def __init__(self, connection: socket.socket) -> None:
        connection.settimeout(WAIT)
        self.socket = connection
        self.received = b''

    def send(self, *frames: bytes) -> None:
        self.socket.sendall(b''.join(frames))

    def receive(self):
        """The next frame as (letter, payload), or None at the end of the connection."""
        while True:
            if len(self.received) >= 5:
                kind, size = struct.unpack_from('>cI', self.received)
                assert size <= 1 << 20, f'a frame of {size} bytes'
                if len(self.received) >= 5 + size:
                    payload = self.received[5:5 + size]
                    self.received = self.received[5 + size:]
                    return kind.decode(), payload
            try:
                data = self.socket.recv(1 << 18)
            except ConnectionResetError:
                data = b''
            if not data:
                return None
            self.received += data

    def has_more(self, seconds: float) -> bool:
        return bool(self.received) or bool(select.select([self.socket], [], [], seconds)[0])

    def answer(self, until: str = 'EALX') -> 'Answer':
        """Frames up to one of the letters in `until`."""
        answer = Answer()
        while True:
            got = self.receive()
            if got is None:
                raise EOFError(f'the connection ended after {answer.letters!r}')
            answer.add(*got)
            if got[0] in until:
                return answer

    def read_to_end(self) -> str:
        """What a connection without frames carried until it ended."""
        data = self.received
        while True:
            more = self.socket.recv(65536)
            if not more:
                return data.decode()
            data += more

    def read_until(self, text: str) -> str:
        while text not in self.received.decode():
            more = self.socket.recv(65536)
            if not more:
                raise EOFError(f'{text!r} is not in {self.received.decode()!r}')
            self.received += more
        return self.received.decode()


class Answer:
    """What came back for one request."""

    def __init__(self) -> None:
        self.letters = ''
        self.status = None
        self.headers = []
        self.blocks = []
        self.log = ''
        self.hints = []
        self.failure = None
        self.credits = []

    def add(self, kind: str, payload: bytes) -> None:
        self.letters += kind
        if kind == 'H':
            self.status, *rest = payload.decode('latin-1').split('\0')
            self.headers = list(zip(rest[::2], rest[1::2]))
        elif kind == 'D':
            self.blocks.append(payload)
        elif kind == 'G':
            self.log += payload.decode()
        elif kind == 'Y':
            fields = payload.decode('latin-1').split('\0')
            self.hints.append(list(zip(fields[::2], fields[1::2])))
        elif kind == 'A':
            self.failure = json.loads(payload)
        elif kind == 'R':
            self.credits.append(struct.unpack('>I', payload)[0])

    @property
    def body(self) -> bytes:
        return b''.join(self.blocks)

    def header(self, name: str):
        found = [value for key, value in self.headers if key.lower() == name.lower()]
        return found[0] if found else None


def environ(method: str = 'GET', path: str = '/', **more: str) -> dict:
    """The strings that Node sends for a plain request."""
    return {
        'REQUEST_METHOD': method, 'SCRIPT_NAME': '', 'PATH_INFO': path, 'QUERY_STRING': '', 'RAW_URI': path,
        'SERVER_NAME': 'example.org', 'SERVER_PORT': '80', 'SERVER_PROTOCOL': 'HTTP/1.1',
        'HTTP_HOST': 'example.org',
        'REMOTE_ADDR': '192.0.2.1', 'wsgi.url_scheme': 'http', 'trivet.request_id': 'r1', **more}


def head(fields: dict, flags: str = '', age: str = '0') -> bytes:
    pairs = [text for pair in fields.items() for text in pair]
    return shim.frame(b'H', '\0'.join([flags, age, *pairs]).encode('latin-1'))


def body_frames(*parts: bytes) -> bytes:
    return b''.join(shim.frame(b'D', part) for part in parts) + shim.END


class FakeWorker:
    """As much of a Worker as a Slot needs."""

    def __init__(self, application, connection, threads: int = 1, multiprocess: bool = False) -> None:
        self.id = 1
        self.application = application
        self.threads = threads
        self.is_one_of_many = multiprocess
        self.is_leaving = False
        self.draining = threading.Event()
        self.connection = connection

    def connect(self, purpose: str):
        return shim.Wire(self.connection)

    def leave(self) -> None:
        self.is_leaving = True


@contextlib.contextmanager
def slot(application, **worker):
    """A slot of its own thread that serves `application`; yields Node's end."""
    ours, theirs = socket.socketpair()
    served = shim.Slot(FakeWorker(application, theirs, **worker))
    thread = threading.Thread(target=served.run)
    thread.start()
    peer = Peer(ours)
    peer.slot = served
    try:
        yield peer
    finally:
        ours.close()
        thread.join(WAIT)
        theirs.close()
        assert not thread.is_alive(), 'the slot did not end'


def ask(application, method: str = 'GET', path: str = '/', **more: str) -> Answer:
    """One request without a body."""
    with slot(application) as peer:
        peer.send(head(environ(method, path, **more)))
        return peer.answer()


def simple(status: str = '200 OK', headers=(('Content-Type', 'text/plain'),), body=(b'hello',)):
    """An application that answers the same every time."""
    def application(environ, start_response):
        start_response(status, list(headers) if isinstance(headers, tuple) else headers)
        return body
    return application


def eventually(condition, what: str) -> None:
    deadline = time.monotonic() + WAIT
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.005)
