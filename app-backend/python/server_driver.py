"""Plays Node for the tests of trivet_worker, for a real fork server and its workers."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import textwrap

from worker_driver import WAIT, Answer, Peer, environ, head

HERE = os.path.dirname(os.path.abspath(__file__))

# Answers with its process id; `/sleep` says by a file that it has begun, and waits for `go`.
HELLO = """
    import os, time
    def application(environ, start_response):
        path = environ['PATH_INFO']
        if path == '/sleep':
            with open('begun', 'w'): pass
            while not os.path.exists('go'):
                time.sleep(0.005)
        start_response('200 OK', [('Content-Type', 'text/plain')])
        return [str(os.getpid()).encode()]
"""


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
