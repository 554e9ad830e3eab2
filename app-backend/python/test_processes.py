"""Workers as real processes: requests, signals, and how they end."""

from __future__ import annotations

import os
import signal
import unittest

import trivet_worker as shim
from server_driver import HELLO, Server
from worker_driver import body_frames, environ, eventually, head


class WorkerTest(unittest.TestCase):
    def wait_for(self, server: Server, name: str) -> None:
        eventually(lambda: os.path.exists(os.path.join(server.folder.name, name)), f'no {name}')

    def create(self, server: Server, name: str) -> None:
        with open(os.path.join(server.folder.name, name), 'w', encoding='ascii'):
            pass

    def test_boots_says_ready_answers_and_pings(self) -> None:
        with Server({'app.py': HELLO}) as server:
            self.assertEqual(server.hear(), {'ready': True})
            with server.fork() as worker:
                self.assertEqual(worker.ask().body, str(worker.pid).encode())
                worker.control.send(shim.frame(b'p', b'{}'))
                self.assertEqual(worker.control.receive(), ('p', b'{}'))

    def test_pings_are_answered_while_the_application_is_busy(self) -> None:
        with Server({'app.py': HELLO}) as server:
            server.hear()
            with server.fork() as worker:
                worker.slots[0].send(head(environ(path='/sleep')))
                self.wait_for(server, 'begun')
                worker.control.send(shim.frame(b'p', b'{}'))
                self.assertEqual(worker.control.receive()[0], 'p')
                self.create(server, 'go')
                self.assertEqual(worker.slots[0].answer().letters, 'THDE')

    def test_TERM_ends_an_idle_worker_at_once(self) -> None:
        with Server({'app.py': HELLO}) as server:
            server.hear()
            with server.fork() as worker:
                worker.ask()
                worker.kill(signal.SIGTERM)
                self.assertEqual(worker.control.receive(), ('l', b'{}'))
                self.assertEqual(server.hear(), {'exited': 1, 'code': 0, 'signal': None})
                self.assertIsNone(worker.slots[0].receive())

    def test_TERM_finishes_what_is_in_flight_in_every_slot(self) -> None:
        with Server({'app.py': HELLO}, threads=3) as server:
            server.hear()
            with server.fork(threads=3) as worker:
                for peer in worker.slots[:2]:
                    peer.send(head(environ(path='/sleep')))
                self.wait_for(server, 'begun')
                worker.kill(signal.SIGTERM)
                self.assertEqual(worker.control.receive()[0], 'l')
                self.assertIsNone(worker.slots[2].receive())
                self.create(server, 'go')
                for peer in worker.slots[:2]:
                    self.assertEqual(peer.answer().letters, 'THDE')
                self.assertEqual(server.hear()['code'], 0)

    def test_d_and_TERM_set_the_event_that_an_answer_without_an_end_waits_for(self) -> None:
        app = """
import itertools
def application(environ, start_response):
    start_response('200 OK', [])
    for _ in itertools.takewhile(lambda _: not environ['trivet.draining'].wait(0.01), itertools.count()):
        yield b'more'
"""
        for how in 'd', 'TERM':
            with Server({'app.py': app}) as server:
                server.hear()
                with server.fork() as worker:
                    peer = worker.slots[0]
                    peer.send(head(environ()))
                    peer.answer('D')
                    if how == 'd':
                        worker.control.send(shim.frame(b'd', b'{}'))
                        self.assertEqual(peer.answer().letters[-1], 'E')
                        peer.send(head(environ()))  # it takes what comes still
                        self.assertEqual(peer.answer().letters, 'THE')
                    else:
                        worker.kill(signal.SIGTERM)
                        self.assertEqual(peer.answer().letters[-1], 'E')
                        self.assertEqual(server.hear()['code'], 0)

    def test_a_head_that_meets_a_leaving_worker_is_given_back(self) -> None:
        with Server({'app.py': HELLO}) as server:
            server.hear()
            with server.fork() as worker:
                worker.slots[0].send(head(environ(path='/sleep')))
                self.wait_for(server, 'begun')
                worker.slots[0].send(head(environ('POST'), 'b'), body_frames(b'body'), head(environ()))
                worker.kill(signal.SIGTERM)
                self.assertEqual(worker.control.receive()[0], 'l')
                self.create(server, 'go')
                self.assertEqual([worker.slots[0].answer().letters for _ in range(3)], ['THDE', 'L', 'L'])
                self.assertEqual(server.hear()['code'], 0)

    def test_q_ends_a_worker_and_atexit_and_worker_exit_run(self) -> None:
        app = HELLO + """
    import atexit
    atexit.register(lambda: open('atexit', 'w').close())
"""
        hooks = "def worker_exit(worker): open('worker_exit', 'w').write(str(worker.id))"
        with Server({'app.py': app, 'hooks.py': hooks}, hooks='hooks') as server:
            server.hear()
            with server.fork(7) as worker:
                worker.control.send(shim.frame(b'q', b'{}'))
                self.assertEqual(server.hear(), {'exited': 7, 'code': 0, 'signal': None})
            self.assertEqual(sorted(set(os.listdir(server.folder.name)) & {'atexit', 'worker_exit'}),
                             ['atexit', 'worker_exit'])

    def test_what_comes_at_once_is_heard_to_its_end(self) -> None:
        with Server({'app.py': HELLO}) as server:
            server.hear()
            with server.fork() as worker:
                worker.control.send(shim.frame(b'd', b'{}'), shim.frame(b'p', b'{}'), shim.frame(b'q', b'{}'))
                self.assertEqual(worker.control.receive(), ('p', b'{}'))
                self.assertEqual(server.hear()['code'], 0)

    def test_QUIT_and_INT_end_a_busy_worker_now(self) -> None:
        for number in (signal.SIGQUIT, signal.SIGINT):
            with Server({'app.py': HELLO}) as server:
                server.hear()
                with server.fork() as worker:
                    worker.slots[0].send(head(environ(path='/sleep')))
                    self.wait_for(server, 'begun')
                    worker.kill(number)
                    self.assertEqual(server.hear(), {'exited': 1, 'code': 0, 'signal': None})

    def test_ABRT_shows_all_stacks_calls_the_hook_and_the_worker_goes_on(self) -> None:
        hooks = "def worker_abort(worker): print('abort of', worker.id, flush=True)"
        with Server({'app.py': HELLO, 'hooks.py': hooks}, hooks='hooks') as server:
            server.hear()
            with server.fork() as worker:
                worker.slots[0].send(head(environ(path='/sleep')))
                self.wait_for(server, 'begun')
                for _ in range(2):
                    worker.kill(signal.SIGABRT)
                    worker.stderr.read_until('in application')
                    worker.stderr.received = b''
                    worker.stdout.read_until('abort of 1')
                    worker.stdout.received = b''
                self.create(server, 'go')
                self.assertEqual(worker.slots[0].answer().letters, 'THDE')
                self.assertEqual(worker.ask().letters, 'THDE')

    def test_signals_that_are_meant_for_node_change_nothing(self) -> None:
        with Server({'app.py': HELLO}) as server:
            server.hear()
            with server.fork() as worker:
                for number in (signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2):
                    worker.kill(number)
                    os.kill(server.process.pid, number)
                self.assertEqual(worker.ask().letters, 'THDE')

    def test_slots_run_at_the_same_time_in_threads_and_the_first_in_the_main_thread(self) -> None:
        app = """
            import threading
            together = threading.Barrier(3)
            def application(environ, start_response):
                together.wait(10)
                start_response('200 OK', [])
                main = threading.current_thread() is threading.main_thread()
                return [str((main, environ['wsgi.multithread'])).encode()]
        """
        with Server({'app.py': app}, threads=3) as server:
            server.hear()
            with server.fork(threads=3) as worker:
                for peer in worker.slots:
                    peer.send(head(environ()))
                self.assertEqual(sorted(peer.answer().body for peer in worker.slots),
                                 [b'(False, True)', b'(False, True)', b'(True, True)'])

    def test_output_travels_to_node(self) -> None:
        app = """
            import os, sys
            print('imported')
            def application(environ, start_response):
                print('printed'); print('shown', file=sys.stderr); os.system('echo from a child')
                start_response('200 OK', [])
                return []
        """
        with Server({'app.py': app}) as server:
            server.hear()
            with server.fork() as worker:
                worker.ask()
                worker.kill(signal.SIGTERM)
                self.assertEqual(worker.stdout.read_to_end(), 'imported\nprinted\nfrom a child\n')
                self.assertEqual(worker.stderr.read_to_end(), 'shown\n')

    def test_a_child_of_the_application_has_neither_our_signals_nor_our_connections(self) -> None:
        app = """
            import os, signal, time
            def application(environ, start_response):
                pid = os.fork()
                if pid == 0:
                    time.sleep(60)
                    os._exit(0)
                time.sleep(0.05)
                os.kill(pid, signal.SIGTERM)
                status = os.waitpid(pid, 0)[1]
                start_response('200 OK', [])
                return [str(os.WTERMSIG(status)).encode()]
        """
        with Server({'app.py': app}) as server:
            server.hear()
            with server.fork() as worker:
                self.assertEqual(worker.ask().body, b'15')
                self.assertEqual(worker.ask().body, b'15')


if __name__ == '__main__':
    unittest.main()
