"""wsgi.input against io.BytesIO, credit, and bodies that break (PEP 3333, "Input and Error Streams")."""

from __future__ import annotations

import io
import random
import unittest
from contextlib import redirect_stderr

import trivet_worker as shim
from worker_driver import body_frames, environ, head, slot

PLAIN = [('Content-Type', 'text/plain')]


def cut(generator: random.Random, body: bytes) -> list:
    """The body in random pieces."""
    parts = []
    while body:
        size = min(len(body), generator.choice([1, 2, 3, 7, 50, 400]))
        parts.append(body[:size])
        body = body[size:]
    return parts


def calls(generator: random.Random) -> list:
    """A random sequence of reads, as (method, arguments)."""
    sizes = [0, 1, 2, 3, 10, 100, 1000]
    made = []
    for _ in range(generator.randrange(1, 12)):
        method = generator.choice(['read', 'read', 'readline', 'readline', 'readlines', 'next', 'list'])
        if method in ('next', 'list'):
            made.append((method, ()))
        elif method == 'readlines':  # with a hint the streams of io differ among themselves by a line
            made.append((method, generator.choice([(), (None,), (-1,), (0,)])))
        else:
            made.append((method, generator.choice([(), (None,), (-1,), *((size,) for size in sizes)])))
    return made


def played(stream, made: list) -> list:
    results = []
    for method, arguments in made:
        if method == 'next':
            results.append(next(iter(stream), None))
        elif method == 'list':
            results.append(list(stream))
        else:
            results.append(getattr(stream, method)(*arguments))
    return [*results, stream.read(), stream.read(5), stream.readline(), stream.readlines()]


class InputTest(unittest.TestCase):
    def application(self, environ, start_response):
        self.seen = self.use(environ['wsgi.input'])
        start_response('200 OK', PLAIN)
        return [b'done']

    def test_reads_as_BytesIO_does_however_the_body_is_cut(self) -> None:
        with slot(self.application) as peer:
            for seed in range(400):
                generator = random.Random(seed)
                body = bytes(generator.choice(b'ab\n') for _ in range(generator.choice([0, 1, 5, 60, 900])))
                made = calls(generator)
                self.use = lambda stream, made=made: played(stream, made)
                flag = generator.choice('bs')
                peer.send(head(environ('POST'), flag), body_frames(*cut(generator, body)))
                self.assertEqual(peer.answer().letters.replace('R', ''), 'THDE', f'seed {seed}')
                self.assertEqual(self.seen, played(io.BytesIO(body), made), f'seed {seed}: {made}')

    def test_a_request_without_body_reads_as_empty_for_ever(self) -> None:
        self.use = lambda stream: [stream.read(), stream.read(1), stream.readline(), stream.readlines(),
                                   list(stream)]
        with slot(self.application) as peer:
            peer.send(head(environ('GET')))
            peer.answer()
        self.assertEqual(self.seen, [b'', b'', b'', [], []])

    def test_a_body_is_asked_for_by_the_first_read_and_not_before(self) -> None:
        def unread(environ, start_response):
            start_response('200 OK', PLAIN)
            return [b'x']
        with slot(unread) as peer:
            peer.send(head(environ('POST'), 's'))
            self.assertEqual(peer.answer().letters, 'THDE')
        self.use = lambda stream: stream.read(2)
        with slot(self.application) as peer:
            peer.send(head(environ('POST'), 's'))
            answer = peer.answer('R')
            self.assertEqual((answer.letters, answer.credits), ('TR', [shim.WINDOW]))
            peer.send(body_frames(b'two more'))
            self.assertEqual(peer.answer().letters, 'HDE')
            self.assertEqual(self.seen, b'tw')

    def test_GET_with_a_body_sends_T_with_the_first_R(self) -> None:
        self.use = lambda stream: stream.read()
        with slot(self.application) as peer:
            peer.send(head(environ('GET'), 's'), body_frames(b'x'))
            self.assertEqual(peer.answer().letters, 'TRHDE')

    def test_no_more_is_under_way_than_the_credit_and_a_large_body_arrives(self) -> None:
        total = 3_000_000
        self.use = lambda stream: len(stream.read())
        with slot(self.application) as peer:
            peer.send(head(environ('POST'), 's'))
            sent = credit = 0
            while sent < total:
                while not credit:
                    kind, payload = peer.receive()
                    credit += int.from_bytes(payload, 'big') if kind == 'R' else 0
                    self.assertLessEqual(credit, shim.WINDOW)
                count = min(credit, 50_000, total - sent)
                peer.send(shim.frame(b'D', bytes(count)))
                sent += count
                credit -= count
            peer.send(shim.END)
            self.assertEqual(peer.answer().letters.replace('R', ''), 'HDE')
        self.assertEqual(self.seen, total)

    def test_what_was_left_unread_is_not_the_next_request(self) -> None:
        self.use = lambda stream: stream.read(1)
        with slot(self.application) as peer:
            for _ in range(3):
                peer.send(head(environ('POST'), 's'), body_frames(b'abc', b'H\0\0\0\1x'))
                self.assertEqual(peer.answer().letters, 'TRHDE')
                self.assertEqual(self.seen, b'a')

    def test_a_body_that_breaks_raises_a_ConnectionError_each_time(self) -> None:
        def use(stream):
            seen = [stream.read(2)]
            for _ in range(2):
                try:
                    stream.read()
                except ConnectionError as error:
                    seen.append(str(error))
            return seen
        self.use = use
        with slot(self.application) as peer:
            peer.send(head(environ('POST'), 's'), shim.frame(b'D', b'half'),
                      shim.frame(b'A', b'the client left'))
            peer.answer()
            self.assertEqual(self.seen,
                             [b'ha', *['the body of the request is not complete: the client left'] * 2])
            self.use = lambda stream: stream.read()
            peer.send(head(environ('POST'), 's'), body_frames(b'next'))
            self.assertEqual(peer.answer().letters, 'TRHDE')
            self.assertEqual(self.seen, b'next')

    def test_a_small_body_that_breaks_never_reaches_the_application(self) -> None:
        self.seen = None
        self.use = lambda stream: True
        with slot(self.application) as peer:
            peer.send(head(environ('POST'), 'b'), shim.frame(b'D', b'ha'),
                      shim.frame(b'A', b'the client left'))
            self.assertEqual(peer.answer().letters, 'A')
        self.assertIsNone(self.seen)

    def test_a_stream_kept_beyond_its_request_cannot_take_frames_of_the_next(self) -> None:
        kept = []
        self.use = kept.append
        with slot(self.application) as peer:
            peer.send(head(environ('POST'), 's'))
            peer.answer()
            self.assertRaises(ConnectionError, kept[0].read)

    def test_reading_while_answering_keeps_what_came_between_the_blocks(self) -> None:
        def echo(environ, start_response):
            start_response('200 OK', PLAIN)
            for line in environ['wsgi.input']:
                yield line.upper()
        with slot(echo) as peer:
            peer.send(head(environ('POST'), 's'))
            for line in (b'one\n', b'two\n', b'three\n'):
                peer.send(shim.frame(b'D', line))
                self.assertEqual(peer.answer('D').body, line.upper())
            peer.send(body_frames(b'four\nfi', b've'))
            self.assertEqual(peer.answer().body, b'FOUR\nFIVE')


class ReadinessTest(unittest.TestCase):
    """Whether a request is taken at all."""

    def test_T_comes_before_the_application_is_called_unless_it_is_safe_to_repeat(self) -> None:
        gates = []

        def application(environ, start_response):
            gates.append(1)
            start_response('200 OK', PLAIN)
            return [b'x']
        with slot(application) as peer:
            for method in ('POST', 'PUT', 'DELETE', 'OPTIONS'):
                peer.send(head(environ(method)))
                self.assertEqual(peer.socket.recv(5), shim.TAKE)
                self.assertEqual(peer.answer().letters, 'HDE')

    def test_a_request_that_waited_too_long_is_late(self) -> None:
        import time
        now = time.monotonic() * 1000
        with slot(lambda environ, start: start('200 OK', PLAIN) and [b'x']) as peer:
            for flags, age, letters in (('q100', '100', 'THDE'), ('q100', '101', 'X'), ('eq100', '101', 'X'),
                                        ('q60000', f'5@{now}', 'THDE'), ('q60000', f'5@{now - 70_000}', 'X')):
                peer.send(head(environ(), flags, age))
                self.assertEqual(peer.answer().letters, letters, (flags, age))
            peer.send(head(environ('POST'), 'bq1', '2'), body_frames(b'dropped'), head(environ()))
            self.assertEqual(peer.answer().letters, 'X')
            self.assertEqual(peer.answer().letters, 'THDE')

    def test_frames_are_understood_however_they_are_cut(self) -> None:
        data = head(environ('POST', HTTP_COOKIE='c' * 2000), 'b') + body_frames(b'a' * 3000, b'b')
        with slot(lambda environ, start: start('200 OK', PLAIN) and [environ['wsgi.input'].read()]) as peer:
            for step in (1, 3, 7, 500, 4096):
                for at in range(0, len(data), step):
                    peer.send(data[at:at + step])
                self.assertEqual(peer.answer().body, b'a' * 3000 + b'b')

    def test_a_frame_beyond_the_limit_ends_the_connection(self) -> None:
        with slot(lambda environ, start: []) as peer:
            peer.send(b'H\x00\xff\xff\xff')
            self.assertIsNone(peer.receive())

    def test_a_head_that_cannot_be_read_ends_the_connection(self) -> None:
        with redirect_stderr(io.StringIO()) as stderr, slot(lambda environ, start: []) as peer:
            peer.send(shim.frame(b'H', b'nothing of use'))
            self.assertIsNone(peer.receive())
        self.assertIn('StopIteration', stderr.getvalue())


if __name__ == '__main__':
    unittest.main()
