"""The fork server as a real process: what becomes of its workers, of it, and of both when Node is gone."""

from __future__ import annotations

import os
import signal
import socket
import unittest

import trivet_worker as shim
from server_driver import HELLO, Server


class ForkServerTest(unittest.TestCase):
    def test_when_node_is_gone_worker_and_fork_server_end(self) -> None:
        with Server({'app.py': HELLO}, threads=2) as server:
            server.hear()
            worker = server.fork(threads=2)
            worker.control.socket.close()
            self.assertEqual(server.hear(), {'exited': 1, 'code': 0, 'signal': None})
            worker.close()
            with server.fork(2) as second:
                second.slots[0].socket.close()
                self.assertEqual(server.hear(), {'exited': 2, 'code': 0, 'signal': None})
            server.channel.shutdown(socket.SHUT_WR)
            self.assertEqual(server.process.wait(10), 0)

    def test_the_fork_server_outlives_fd_3_as_long_as_it_has_children(self) -> None:
        with Server({'app.py': HELLO}) as server:
            server.hear()
            with server.fork() as worker:
                server.channel.shutdown(socket.SHUT_WR)
                self.assertEqual(worker.ask().letters, 'THDE')
                self.assertIsNone(server.process.poll())
                worker.control.send(shim.frame(b'q', b'{}'))
                self.assertEqual(server.hear()['code'], 0)
            self.assertEqual(server.process.wait(10), 0)

    def test_a_worker_that_is_killed_or_signalled_by_name_is_reported(self) -> None:
        with Server({'app.py': HELLO}) as server:
            server.hear()
            with server.fork() as worker:
                worker.kill(signal.SIGKILL)
                self.assertEqual(server.hear(), {'exited': 1, 'code': None, 'signal': 'SIGKILL'})
            with server.fork(2):
                server.tell(signal=2, name='SIGKILL')
                self.assertEqual(server.hear(), {'exited': 2, 'code': None, 'signal': 'SIGKILL'})
            server.tell(signal=2, name='SIGKILL')  # it is no more
            with server.fork(3) as worker:
                self.assertEqual(worker.ask().letters, 'THDE')

    def test_TERM_to_the_fork_server_is_for_its_workers(self) -> None:
        with Server({'app.py': HELLO}) as server:
            server.hear()
            with server.fork() as worker:
                os.kill(server.process.pid, signal.SIGTERM)
                self.assertEqual(worker.control.receive()[0], 'l')
                self.assertEqual(server.hear()['code'], 0)
            with server.fork(2) as worker:
                self.assertEqual(worker.ask().letters, 'THDE')


if __name__ == '__main__':
    unittest.main()
