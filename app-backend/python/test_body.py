"""The blocks of an answer: lengths, `write`, when the head goes out."""

from __future__ import annotations

import unittest
import os
import threading

import trivet_worker as shim
from worker_driver import ask, environ, head, simple, slot
from wsgi_stand import PLAIN, Quiet, Recorder, gives


class BodyTest(Quiet):
    """PEP 3333, "Buffering and Streaming", "Handling the Content-Length Header"; bodies in RFC 9110."""

    def test_a_list_of_one_block_leaves_in_one_write_with_its_length(self) -> None:
        with slot(simple()) as peer:
            peer.send(head(environ()))
            data = peer.socket.recv(65536)
            fields = b'200 OK\0Content-Type\0text/plain\0Content-Length\x005'
            frames = [shim.TAKE, shim.frame(b'H', fields), shim.frame(b'D', b'hello'), shim.END]
            self.assertEqual(data, b''.join(frames))

    def test_content_length_is_added_where_the_length_is_known(self) -> None:
        class One:
            def __len__(self):
                return 1

            def __iter__(self):
                return iter([b'hello'])
        for body, length in (([], '0'), ([b''], '0'), ((b'a', b'b', b''), '2'), ([b'x' * 300_000], '300000'),
                             ([b'x' * 40_000] * 3, '120000'), (One(), '5'), (iter([]), '0'),
                             (iter([b'a']), None)):
            with self.subTest(length=length):
                answer = ask(gives(body))
                self.assertEqual(answer.header('content-length'), length)
                self.assertEqual(answer.letters[-1], 'E')
                self.assertIn(len(answer.body), (int(length or 1),))

    def test_no_content_length_is_added_behind_a_write(self) -> None:
        def application(environ, start_response):
            write = start_response('200 OK', PLAIN)
            write(b'one')
            return [b'two']
        answer = ask(application)
        self.assertEqual((answer.body, answer.header('content-length')), (b'onetwo', None))

    def test_the_head_waits_for_the_first_block_that_is_not_empty(self) -> None:
        gate = threading.Semaphore(0)

        def application(environ, start_response):
            start_response('200 OK', PLAIN)
            yield b''
            yield b''
            gate.acquire()
            yield b'x'
            gate.acquire()
        with slot(application) as peer:
            peer.send(head(environ()))
            self.assertFalse(peer.has_more(0.05))
            gate.release()
            self.assertEqual(peer.answer('D').letters, 'THD')  # while the generator is still waiting
            gate.release()
            self.assertEqual(peer.answer().letters, 'E')

    def test_write_is_on_its_way_before_it_returns(self) -> None:
        gate = threading.Semaphore(0)

        def application(environ, start_response):
            write = start_response('200 OK', PLAIN)
            write(b'')
            write(b'now')
            gate.acquire()
            return [b'', b'later']
        with slot(application) as peer:
            peer.send(head(environ()))
            self.assertEqual(peer.answer('D').body, b'now')
            gate.release()
            self.assertEqual(peer.answer().body, b'later')

    def test_blocks_that_are_not_bytes_are_found_before_the_head_is_out(self) -> None:
        for body in (['text'], [b'a', 'b'], iter(['text']), [1], [None], [bytearray(b'x')], 'text', b'bytes',
                     None, 5,
                     [b'x' * 40_000, b'y' * 40_000, 'z']):
            with self.subTest(body=str(body)[:20]):
                answer = ask(gives(body))
                self.assertEqual(answer.letters, 'TA')
        self.assertEqual(ask(gives('text')).failure['kind'], 'violation')
        self.assertEqual(ask(gives(iter([b'a', 'b']))).letters, 'THDA')

    def test_write_refuses_what_is_not_bytes(self) -> None:
        def application(environ, start_response):
            start_response('200 OK', PLAIN)('text')
            return []
        self.assertIn('must be made of bytes, not str', ask(application).failure['message'])

    def test_never_more_bytes_than_content_length_said(self) -> None:
        for body in ([b'hello world'], [b'hel', b'lo world'], iter([b'hello', b' world', b'!']),
                     [b'hel', b'lo', b'!']):
            answer = ask(gives(body, headers=[('Content-Length', '5')]))
            self.assertEqual((answer.body, answer.letters[-1]), (b'hello', 'E'))
            self.assertIn('longer than its Content-Length of 5', answer.log)

    def test_a_body_is_not_asked_further_once_it_is_too_long(self) -> None:
        body = Recorder([b'hello', b'!', b'!', b'!'])
        ask(gives(body, headers=[('Content-Length', '5')]))
        self.assertEqual((body.taken, body.closed), (2, 1))

    def test_the_first_write_sends_the_head_with_or_without_a_byte(self) -> None:
        def application(environ, start_response):
            start_response('200 OK', PLAIN)(b'')
            yield b'a'
        self.assertEqual(ask(application).letters, 'THDE')

        def short(environ, start_response):
            start_response('200 OK', [('Content-Length', '1')])(b'')
            return []
        self.assertEqual(ask(short).letters, 'THA')

    def test_of_what_is_written_to_HEAD_no_length_is_made(self) -> None:
        def application(environ, start_response):
            start_response('200 OK', PLAIN)(b'a')
            return [b'b']
        answer = ask(application, 'HEAD')
        self.assertEqual((answer.letters, [name for name, _ in answer.headers]), ('THE', ['Content-Type']))

    def test_write_past_content_length_raises(self) -> None:
        def application(environ, start_response):
            start_response('200 OK', [('Content-Length', '3')])(b'12345')
            return []
        answer = ask(application)
        self.assertEqual((answer.body, answer.failure['kind']), (b'123', 'violation'))

    def test_fewer_bytes_than_content_length_are_no_well_formed_end(self) -> None:
        for body, letters in (([b'abc'], 'TA'), ([], 'TA'), (iter([]), 'TA'), (iter([b'abc']), 'THDA')):
            answer = ask(gives(body, headers=[('Content-Length', '5')]))
            self.assertEqual((answer.letters, answer.failure['kind']), (letters, 'violation'))
            self.assertIn('Content-Length is 5', answer.failure['message'])

    def test_answers_that_have_no_body_get_none(self) -> None:
        for method, status in (('HEAD', '200 OK'), ('GET', '204 No Content'), ('GET', '304 Not Modified')):
            for make in (lambda: [b'body'], lambda: iter([b'', b'body', b'more']), lambda: [],
                         lambda: [b'bo', b'dy']):
                with self.subTest(method=method, status=status):
                    answer = ask(gives(make(), status, []), method)
                    self.assertEqual(answer.letters.replace('G', ''), 'THE')
        self.assertIn('204 has no body', ask(gives([b'x'], '204 No Content', [])).log)

    def test_content_length_stays_on_HEAD_and_304_and_leaves_204(self) -> None:
        for method, status, length in (('HEAD', '200 OK', '4'), ('GET', '304 Not Modified', '4'),
                                       ('GET', '204 No Content', None)):
            answer = ask(gives([], status, [('Content-Length', '4')]), method)
            self.assertEqual((answer.header('content-length'), answer.letters), (length, 'THE'))

    def test_HEAD_gets_the_length_of_the_body_that_GET_would_have(self) -> None:
        self.assertEqual(ask(gives([b'four']), 'HEAD').header('content-length'), '4')
        for body in ([], [b'']):  # what frameworks give that drop the body themselves: nothing is known
            self.assertIsNone(ask(gives(body), 'HEAD').header('content-length'))
        self.assertIsNone(ask(gives([b'x'], '304 Not Modified', [])).header('content-length'))

    def test_HEAD_is_iterated_no_further_than_the_head_needs(self) -> None:
        body = Recorder([b'', b'a', b'b', b'c'])
        ask(gives(body), 'HEAD')
        self.assertEqual((body.taken, body.closed), (2, 1))

    def test_a_large_block_leaves_in_frames_of_limited_size(self) -> None:
        block = os.urandom(3_000_001)
        self.assertEqual(ask(gives([block])).body, block)
        self.assertEqual(ask(gives(iter([block, b'end']))).body, block + b'end')


if __name__ == '__main__':
    unittest.main()
