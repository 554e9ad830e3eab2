"""Plays Node for the tests of trivet_worker: one slot in this process, or a real fork server and workers."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import textwrap
import threading
import time

import trivet_worker as shim

HERE = os.path.dirname(os.path.abspath(__file__))
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


class Server:
    """A real fork server: the folder with the application's modules, fd 3, and the Unix socket."""

    def __init__(self, modules: dict, **configure) -> None:
        self.folder = tempfile.TemporaryDirectory()
        for name, source in modules.items():
            with open(os.path.join(self.folder.name, name), 'w', encoding='utf-8') as file:
                file.write(textwrap.dedent(source))
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.listener.bind(os.path.join(self.folder.name, 'workers.sock'))
        self.listener.listen(64)
        self.listener.settimeout(WAIT)
        ours, theirs = socket.socketpair()
        start = ('import os,sys; n=int(sys.argv[1]); os.dup2(n,3); n==3 or os.close(n); '
                 'os.execv(sys.executable,sys.argv[2:])')
        self.process = subprocess.Popen(
            [sys.executable, '-c', start, str(theirs.fileno()), sys.executable, '-u',
             os.path.join(HERE, 'trivet_worker.py')],
            pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT)
        theirs.close()
        self.channel = ours
        self.channel.settimeout(WAIT)
        self.lines = ours.makefile('rb')
        self.connections = {}
        self.tell(configure={
            'application': 'app', 'chdir': self.folder.name, 'threads': 1, 'workers': 1, 'preload': False,
            'hooks': '', 'socket': os.path.join(self.folder.name, 'workers.sock'), 'token': 'secret',
            'multiprocess': False, 'name': 'test', **configure})

    def tell(self, **order) -> None:
        self.channel.sendall(json.dumps(order).encode() + b'\n')

    def hear(self) -> dict:
        line = self.lines.readline()
        if not line:
            raise EOFError('the fork server has ended')
        return json.loads(line)

    def connection(self, worker: int, purpose: str) -> Peer:
        """The next connection of that worker for that purpose, whatever else connects meanwhile."""
        while not self.connections.get((worker, purpose)):
            peer = Peer(self.listener.accept()[0])
            kind, payload = peer.receive()
            hello = json.loads(payload)
            assert kind == 'h' and hello['token'] == 'secret', hello
            self.connections.setdefault((hello['worker'], hello['is']), []).append(peer)
        return self.connections[worker, purpose].pop(0)

    def fork(self, worker: int = 1, threads: int = 1) -> 'RunningWorker':
        """Forks a worker and waits until it is ready."""
        self.tell(fork=worker)
        forked = self.hear()
        assert forked['forked'] == worker, forked
        control = self.connection(worker, 'control')
        kind, payload = control.receive()
        assert kind == 'r', (kind, payload)
        return RunningWorker(self, worker, forked['pid'], control, threads)

    def output(self) -> str:
        """Ends the server and returns what the fork server itself wrote."""
        self.channel.shutdown(socket.SHUT_WR)
        return self.process.communicate(timeout=WAIT)[0].decode()

    def __enter__(self) -> 'Server':
        return self

    def __exit__(self, *_) -> None:
        for peers in self.connections.values():
            for peer in peers:
                peer.socket.close()
        self.lines.close()
        self.channel.close()
        self.listener.close()
        try:
            self.process.wait(WAIT)
        finally:
            self.process.kill()
            self.process.wait()
            self.process.stdout.close()
            self.folder.cleanup()


class RunningWorker:
    """A worker that said it was ready."""

    def __init__(self, server: Server, number: int, pid: int, control: Peer, threads: int) -> None:
        self.pid = pid
        self.control = control
        self.stdout = server.connection(number, 'stdout')
        self.stderr = server.connection(number, 'stderr')
        self.slots = [server.connection(number, 'slot') for _ in range(threads)]
        self.server = server

    def ask(self, method: str = 'GET', path: str = '/', **more: str) -> Answer:
        self.slots[0].send(head(environ(method, path, **more)))
        return self.slots[0].answer()

    def kill(self, number: signal.Signals) -> None:
        os.kill(self.pid, number)

    def close(self) -> None:
        for peer in [self.control, self.stdout, self.stderr, *self.slots]:
            peer.socket.close()

    def __enter__(self) -> 'RunningWorker':
        return self

    def __exit__(self, *_) -> None:
        self.close()


def eventually(condition, what: str) -> None:
    deadline = time.monotonic() + WAIT
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.005)
