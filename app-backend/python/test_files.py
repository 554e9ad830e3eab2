"""`wsgi.file_wrapper`: what goes out by sendfile, and what is read."""

from __future__ import annotations

import unittest
import gzip
import io
import os
import tempfile

import trivet_worker as shim
from worker_driver import ask, environ, head, slot
from wsgi_stand import PLAIN, Quiet, gives


class FileWrapperTest(Quiet):
    """PEP 3333, "Optional Platform-Specific File Handling"."""

    def setUp(self) -> None:
        super().setUp()
        self.content = os.urandom(700_003)
        self.file = tempfile.NamedTemporaryFile()
        self.addCleanup(self.file.close)
        self.file.write(self.content)
        self.file.flush()

    def send(self, filelike, headers=PLAIN, method: str = 'GET', seen=None):
        def application(environ, start_response):
            start_response('200 OK', list(headers))
            return environ['wsgi.file_wrapper'](filelike, 4096)
        reads = []
        with slot(application) as peer:
            original, os.sendfile = os.sendfile, lambda *args: reads.append(args) or original(*args)
            try:
                peer.send(head(environ(method)))
                answer = peer.answer()
            finally:
                os.sendfile = original
        self.used_sendfile = bool(reads)
        return answer

    def test_a_regular_file_goes_out_by_sendfile_from_its_position(self) -> None:
        for opened in (lambda: open(self.file.name, 'rb'), lambda: open(self.file.name, 'rb', buffering=0),
                       lambda: open(self.file.name, 'r+b')):
            file = opened()
            file.seek(3)
            self.assertEqual(file.read(2), self.content[3:5])
            answer = self.send(file)
            self.assertEqual(answer.body, self.content[5:])
            self.assertEqual(answer.header('content-length'), str(len(self.content) - 5))
            self.assertTrue(self.used_sendfile)
            self.assertTrue(file.closed)

    def test_it_stops_at_content_length_and_misses_none(self) -> None:
        with open(self.file.name, 'rb') as file:
            self.assertEqual(self.send(file, [('Content-Length', '7')]).body, self.content[:7])
        with open(self.file.name, 'rb') as file:
            self.assertEqual(self.send(file, [('Content-Length', '700004')]).letters, 'TA')

    def test_HEAD_gets_the_length_only(self) -> None:
        with open(self.file.name, 'rb') as file:
            answer = self.send(file, method='HEAD')
        self.assertEqual((answer.letters, answer.header('content-length')), ('THE', '700003'))

    def test_other_files_are_read(self) -> None:
        packed = io.BytesIO()
        with gzip.GzipFile(fileobj=packed, mode='wb') as out:
            out.write(self.content)
        with tempfile.NamedTemporaryFile() as stored:
            stored.write(packed.getvalue())
            stored.flush()
            self.assertEqual(self.send(gzip.open(stored.name)).body, self.content)
            self.assertFalse(self.used_sendfile)
        self.assertEqual(self.send(io.BytesIO(self.content)).body, self.content)
        reader, writer = os.pipe()
        os.write(writer, b'through a pipe')
        os.close(writer)
        self.assertEqual(self.send(os.fdopen(reader, 'rb')).body, b'through a pipe')

    def test_a_file_of_proc_is_read_for_its_size_says_nothing(self) -> None:
        with open('/proc/self/cmdline', 'rb') as file:
            expected = file.read()
        self.assertEqual(self.send(open('/proc/self/cmdline', 'rb')).body, expected)
        with tempfile.NamedTemporaryFile() as empty:
            answer = self.send(open(empty.name, 'rb'))
        self.assertEqual((answer.body, answer.header('content-length')), (b'', '0'))

    def test_a_text_file_is_a_violation(self) -> None:
        with open(self.file.name, encoding='latin-1') as file:
            self.assertEqual(self.send(file).failure['kind'], 'violation')

    def test_without_sendfile_it_is_read(self) -> None:
        def refuse(*_):
            raise OSError(22, 'Invalid argument')
        original, os.sendfile = os.sendfile, refuse
        try:
            with open(self.file.name, 'rb') as file:
                self.assertEqual(ask(gives(shim.FileWrapper(file))).body, self.content)
        finally:
            os.sendfile = original

    def test_inside_of_another_iterable_it_is_iterated(self) -> None:
        with open(self.file.name, 'rb') as file:
            answer = ask(gives(block for block in shim.FileWrapper(file, 100_000)))
        self.assertEqual(answer.body, self.content)
        self.assertEqual(len(answer.blocks), 8)

    def test_close_is_there_only_if_the_file_has_one(self) -> None:
        class Reader:
            def read(self, size):
                return b''
        self.assertFalse(hasattr(shim.FileWrapper(Reader()), 'close'))
        self.assertTrue(hasattr(shim.FileWrapper(io.BytesIO()), 'close'))

    def test_a_file_that_shrinks_meanwhile_is_a_cut_never_a_filling(self) -> None:
        size = 8 << 20
        with tempfile.NamedTemporaryFile() as file:
            file.truncate(size)
            with slot(gives(shim.FileWrapper(open(file.name, 'rb')))) as peer:
                peer.send(head(environ()))
                peer.answer('D')
                os.truncate(file.name, 1000)
                self.assertRaises(EOFError, peer.answer)


if __name__ == '__main__':
    unittest.main()
