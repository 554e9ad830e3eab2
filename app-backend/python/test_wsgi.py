"""WSGI as PEP 3333 has it: what the application is given, may say, and what comes of its faults."""

from __future__ import annotations

import gc
import gzip
import io
import os
import sys
import tempfile
import threading
import unittest
import warnings
import weakref
from contextlib import redirect_stderr
from wsgiref.validate import validator

import trivet_worker as shim
from worker_driver import Peer, ask, body_frames, environ, head, simple, slot

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


class EnvironTest(Quiet):
    """PEP 3333, "environ Variables"; what wsgiref.validate asserts of it."""

    def seen(self, flags: str = '', body: bytes = b'', worker=None, **more: str) -> dict:
        found = {}

        def application(environ, start_response):
            found.update(environ)
            found['type'] = type(environ)
            start_response('200 OK', PLAIN)
            return []
        with slot(application, **(worker or {})) as peer:
            peer.send(head(environ('GET', **more), flags), body)
            peer.answer()
        return found

    def test_environ_is_exactly_a_dict(self) -> None:
        self.assertIs(self.seen()['type'], dict)

    def test_variables_of_the_gateway_have_the_types_of_the_PEP(self) -> None:
        seen = self.seen()
        self.assertEqual(seen['wsgi.version'], (1, 0))
        self.assertIs(type(seen['wsgi.version']), tuple)
        for name, value in (('wsgi.run_once', False), ('wsgi.input_terminated', True)):
            self.assertIs(seen[name], value)
        for name in ('read', 'readline', 'readlines', '__iter__'):
            self.assertTrue(callable(getattr(seen['wsgi.input'], name)))
        for name in ('write', 'writelines', 'flush'):
            self.assertTrue(callable(getattr(seen['wsgi.errors'], name)))

    def test_multithread_and_multiprocess_tell_the_truth(self) -> None:
        for threads in (1, 4):
            for multiprocess in (False, True):
                seen = self.seen(worker={'threads': threads, 'multiprocess': multiprocess})
                self.assertIs(seen['wsgi.multithread'], threads > 1)
                self.assertIs(seen['wsgi.multiprocess'], multiprocess)

    def test_strings_are_bytes_read_as_latin_1(self) -> None:
        path = '/größe'.encode('utf-8').decode('latin-1')
        self.assertEqual(self.seen(PATH_INFO=path)['PATH_INFO'], path)

    def test_a_value_with_NUL_comes_escaped_under_its_key_and_an_equals_sign(self) -> None:
        seen = self.seen(**{'PATH_INFO=': '/a%00b%25c', 'HTTP_ACCEPT': '*/*', 'QUERY_STRING': '%00%25'})
        self.assertEqual(seen['PATH_INFO'], '/a\0b%c')
        self.assertEqual(seen['QUERY_STRING'], '%00%25')
        self.assertNotIn('PATH_INFO=', seen)

    def test_no_header_of_a_client_can_pass_for_another_by_that_escape(self) -> None:
        for name in ('HTTP_HOST*', 'HTTP_HOST%', "HTTP_HOST'", 'HTTP_HOST!', 'HTTP_HOST~'):
            seen = self.seen(**{'HTTP_HOST': 'good', name: 'evil%00', 'QUERY_STRING': '%00'})
            self.assertEqual((seen['HTTP_HOST'], seen[name]), ('good', 'evil%00'))

    def test_what_an_application_puts_into_its_environ_is_not_in_the_next_one(self) -> None:
        found = []

        def application(environ, start_response):
            found.append('mine' in environ)
            environ['mine'] = True
            environ['wsgi.version'] = None
            start_response('200 OK', PLAIN)
            return []
        with slot(application) as peer:
            for _ in range(2):
                peer.send(head(environ()))
                peer.answer()
        self.assertEqual(found, [False, False])

    def test_early_hints_are_offered_also_where_they_will_be_dropped(self) -> None:
        for flags in ('', 'e'):
            self.assertIn('wsgi.early_hints', self.seen(flags))

    def test_a_head_of_several_hundred_kilobytes_arrives(self) -> None:
        cookie = 'x' * 700_000
        self.assertEqual(self.seen(HTTP_COOKIE=cookie)['HTTP_COOKIE'], cookie)


class StartResponseTest(Quiet):
    """PEP 3333, "The start_response() Callable" and "Error Handling"."""

    def test_statuses_that_are_refused_become_500_before_anything_is_out(self) -> None:
        for status in ('200', '200OK', ' 200 OK', '200 OK ', '200  OK', '20 OK', '2000 OK', 'abc OK',
                       '200 OK\r\nX: y',
                       '200 O\nK', '200 O\0K', '200 O\x7fK', '200 \u20ac', '099 Low', '100 Continue',
                       '200\tOK', '',
                       '\u0662\u0660\u0660 OK', 200, b'200 OK', None, '200 OK\n'):
            with self.subTest(status=status):
                answer = ask(simple(status))
                self.assertEqual(answer.letters, 'TA')
                self.assertEqual(answer.failure['kind'], 'violation')
                self.assertIn('status', answer.failure['message'])

    def test_statuses_that_are_taken(self) -> None:
        for status in ('200 OK', '404 Not Found', '299 a', '599 x y', '200 Größe', "418 I'm a teapot"):
            with self.subTest(status=status):
                self.assertEqual(ask(simple(status)).status, status)

    def test_headers_that_are_refused(self) -> None:
        for headers in (
                (('X', 'a\r\nY: b'),), (('X', 'a\n'),), (('X', 'a\0'),), (('X', 'a\tb'),), (('X', '\x7f'),),
                (('X', '\u20ac'),), (('X y', 'a'),), (('X:', 'a'),), (('', 'a'),), (('X\n', 'a'),),
                (('Ä', 'a'),),
                (('X', 1),), ((b'X', 'a'),), (('X', b'a'),), (('X', None),), (['X', 'a'],),
                (('X', 'a', 'b'),),
                (('X',),), ('X: a',), (None,), (('Status', '200 OK'),), (('status', '200'),),
                (('Connection', 'close'),), (('Keep-Alive', '5'),), (('Proxy-Authenticate', 'x'),),
                (('Proxy-Authorization', 'x'),), (('TE', 'trailers'),), (('Trailers', 'x'),),
                (('transfer-encoding', 'chunked'),), (('Upgrade', 'h2c'),), (('Content-Length', 'x'),),
                (('Content-Length', '-1'),), (('Content-Length', '+1'),), (('Content-Length', '1 '),),
                (('Content-Length', ''),), (('Content-Length', '\u0665'),), (('Content-Length', '1' * 16),),
                (('Content-Length', '5'), ('Content-Length', '5'))):
            with self.subTest(headers=headers):
                answer = ask(simple(headers=headers))
                self.assertEqual((answer.letters, answer.failure['kind']), ('TA', 'violation'))
                self.assertEqual(ask(simple(headers=headers)).letters,
                                 'TA')  # and is not remembered as checked

    def test_headers_must_be_a_real_list(self) -> None:
        for headers in (None, {}, {'X': 'a'}, 'X: a', iter([('X', 'a')])):
            with self.subTest(headers=headers):
                self.assertIn('must be a list', ask(simple(headers=headers)).failure['message'])

        def application(environ, start_response):
            start_response('200 OK', (('X', 'a'),))
            return []
        self.assertIn('must be a list', ask(application).failure['message'])

    def test_headers_go_out_as_given_in_their_order_and_repeated(self) -> None:
        headers = (('Set-Cookie', 'a=1'), ('X-Größe'.replace('ö', 'o').replace('ß', 's'), 'Größe'),
                   ('Set-Cookie', 'b=2'),
                   ('Empty', ''), ('Content-Length', '5'))
        for _ in range(2):
            self.assertEqual(ask(simple(headers=headers)).headers, list(headers))

    def test_the_cache_of_checked_headers_has_a_limit(self) -> None:
        with slot(lambda environ, start: start('200 OK', [('X-N', environ['PATH_INFO'])]) and []) as peer:
            for number in range(shim.KNOWN_AT_MOST * 2 + 10):
                peer.send(head(environ('GET', f'/{number}')))
                self.assertEqual(peer.answer().header('x-n'), f'/{number}')
        self.assertLessEqual(len(shim.KNOWN_FIELDS), shim.KNOWN_AT_MOST)

    def test_a_second_call_without_exc_info_is_an_error_even_if_the_first_failed(self) -> None:
        def application(environ, start_response):
            try:
                start_response(environ['PATH_INFO'][1:], PLAIN)
            except AssertionError:
                pass
            start_response('200 OK', PLAIN)
            return [b'x']
        for first in ('200 OK', 'nonsense'):
            self.assertIn('second time', ask(application, path=f'/{first}').failure['message'])

    def test_exc_info_replaces_status_and_headers_while_the_head_is_not_out(self) -> None:
        def application(environ, start_response):
            start_response('200 OK', [('X-First', '1'), ('Content-Length', '999')])
            yield b''
            try:
                raise ValueError('late')
            except ValueError:
                start_response('500 Oops', [('X-Second', '2')], sys.exc_info())
            yield b'sorry'
        answer = ask(application)
        self.assertEqual((answer.status, answer.headers, answer.body),
                         ('500 Oops', [('X-Second', '2')], b'sorry'))

    def test_exc_info_raises_again_once_the_head_is_out(self) -> None:
        seen = []

        def application(environ, start_response):
            start_response('200 OK', PLAIN)
            yield b'begun'
            try:
                raise ValueError('late')
            except ValueError as error:
                try:
                    start_response('500 Oops', PLAIN, sys.exc_info())
                except ValueError as again:
                    seen.append(again is error)
                    raise
        answer = ask(application)
        self.assertEqual((answer.letters, answer.status, seen), ('THDA', '200 OK', [True]))
        self.assertEqual(answer.failure['kind'], 'exception')
        self.assertEqual(answer.failure['message'], 'ValueError: late')

    def test_no_reference_to_exc_info_is_kept(self) -> None:
        class Marker(Exception):
            pass
        alive = []

        def application(environ, start_response):
            start_response('200 OK', PLAIN)
            try:
                raise Marker
            except Marker as error:
                alive.append(weakref.ref(error))
                start_response('500 Oops', PLAIN, sys.exc_info())
            gc.disable()
            try:
                alive.append(alive[0]() is None)
            finally:
                gc.enable()
            return []
        self.assertEqual(ask(application).status, '500 Oops')
        self.assertTrue(alive[1])

    def test_exc_info_of_another_shape_is_an_error(self) -> None:
        def application(environ, start_response):
            start_response('200 OK', PLAIN, 'oops')
            return []
        self.assertEqual(ask(application).failure['kind'], 'violation')

    def test_an_application_that_never_calls_it_is_500(self) -> None:
        for body in ([b'x'], [], iter([b'x']), iter([])):
            answer = ask(lambda environ, start_response, body=body: body)
            self.assertEqual((answer.letters, answer.failure['kind']), ('TA', 'violation'))

    def test_a_generator_may_call_it_at_its_first_step(self) -> None:
        def application(environ, start_response):
            start_response('200 OK', PLAIN)
            yield b'one'
        self.assertEqual(ask(application).body, b'one')

    def test_after_the_request_nothing_that_was_handed_out_works_any_more(self) -> None:
        kept = {}

        def application(environ, start_response):
            kept.update(start=start_response, write=start_response('200 OK', PLAIN),
                        hints=environ['wsgi.early_hints'])
            return [b'x']
        with slot(application) as peer:
            peer.send(head(environ(), 'e'))
            peer.answer()
            for use in (lambda: kept['start']('200 OK', PLAIN), lambda: kept['write'](b'x'),
                        lambda: kept['hints']([('Link', '</a>')])):
                self.assertRaises(shim.Violation, use)
            self.assertFalse(peer.has_more(0))


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


class CloseTest(Quiet):
    """close() is called exactly once, whatever happens (PEP 3333, "Specification Details")."""

    def check(self, body, letters: str, headers=PLAIN, method: str = 'GET') -> None:
        self.assertEqual(ask(gives(body, headers=headers), method).letters.replace('G', ''), letters)
        self.assertEqual(body.closed, 1)

    def test_after_the_end_an_error_a_wrong_block_and_a_wrong_length(self) -> None:
        for blocks, letters, headers in (
                ([b'a', b'b'], 'THDDE', PLAIN), ([], 'THE', PLAIN), ([ValueError()], 'TA', PLAIN),
                ([b'a', ValueError()], 'THDA', PLAIN), (['text'], 'TA', PLAIN),
                ([b'a', 'text'], 'THDA', PLAIN),
                ([b'abc'], 'THDA', [('Content-Length', '5')]), ([b'abc'], 'THDE', [('Content-Length', '1')]),
                ([SystemExit(3)], 'TA', PLAIN), ([b'a', KeyboardInterrupt()], 'THDA', PLAIN)):
            with self.subTest(blocks=str(blocks)):
                self.check(Recorder(blocks), letters, headers)
        self.check(Recorder([b'a']), 'THE', method='HEAD')

    def test_when_start_response_was_never_called(self) -> None:
        body = Recorder([b'a'])
        self.assertEqual(ask(lambda environ, start_response: body).letters, 'TA')
        self.assertEqual(body.closed, 1)

    def test_what_it_raises_is_told_of_and_breaks_no_answer_that_is_out(self) -> None:
        self.check(Recorder([b'a'], ValueError('in close')), 'THDE')
        self.assertIn('in close', self.stderr.getvalue())
        self.check(Recorder([], SystemExit(1)), 'THE')
        self.check(Recorder([b'a', ValueError()], ValueError('in close')), 'THDA')

    def test_the_body_is_out_before_close_and_the_slot_is_free_after_it(self) -> None:
        gate = threading.Semaphore(0)

        class Slow(Recorder):
            def close(self):
                gate.acquire()
                super().close()
        body = Slow([b'a'])
        with slot(gives(body)) as peer:
            peer.send(head(environ()))
            self.assertEqual(peer.answer('D').letters, 'THD')
            self.assertFalse(peer.has_more(0.05))
            gate.release()
            self.assertEqual(peer.answer().letters, 'E')
        self.assertEqual(body.closed, 1)

    def test_when_the_client_left(self) -> None:
        gate = threading.Semaphore(0)

        def blocks():
            for number in range(1000):
                gate.acquire()
                yield b'block'
        body = Recorder(blocks())
        with slot(gives(body)) as peer:
            peer.send(head(environ()))
            gate.release()
            peer.answer('D')
            peer.send(shim.frame(b'A', b'the client left'))
            gate.release(5)
            answer = peer.answer()
            self.assertEqual((answer.letters[-1], answer.failure['kind']), ('A', 'aborted'))
            self.assertLessEqual(body.taken, 3)
            self.assertEqual(body.closed, 1)
            gate.release(2000)
            peer.send(head(environ()))
            peer.answer()
        self.assertEqual(self.stderr.getvalue(), '')  # that a client leaves is no fault to be told

    def test_when_node_is_gone(self) -> None:
        body = Recorder(iter(lambda: b'x' * 100_000, None))
        with slot(gives(body)) as peer:
            peer.send(head(environ()))
            peer.answer('D')
        self.assertEqual(body.closed, 1)


class FailureTest(Quiet):
    """An application's fault is an answer 500 with its traceback; the worker lives."""

    def test_any_exception_is_told_with_its_traceback_and_the_slot_goes_on(self) -> None:
        def application(environ, start_response):
            raise failure
        with slot(application) as peer:
            for failure in (ValueError('v'), SystemExit(1), KeyboardInterrupt(), GeneratorExit(),
                            MemoryError(),
                            RecursionError(), ConnectionError('database')):
                peer.send(head(environ(path='/here')))
                answer = peer.answer()
                self.assertEqual((answer.letters, answer.failure['kind']), ('TA', 'exception'))
                self.assertIn(type(failure).__name__, answer.failure['message'])
                self.assertIn('raise failure', answer.failure['trace'])
                self.assertNotIn('trivet_worker.py', answer.failure['trace'])
        self.assertIn('GET /here r1', self.stderr.getvalue())
        self.assertIn("ValueError: v", self.stderr.getvalue())

    def test_a_message_of_any_size_fits_into_a_frame(self) -> None:
        def application(environ, start_response):
            raise ValueError('\u20ac' * 3_000_000)
        self.assertEqual(ask(application).failure['kind'], 'exception')
        self.assertEqual(ask(simple(headers=(('X', '\u20ac' * 3_000_000),))).failure['kind'], 'violation')

    def test_the_ten_faults_of_gunicorn(self) -> None:
        # What Gunicorn 26.2 gets wrong when the application is wrong; the eighth is the HTTP side's business.
        def replaces(environ, start_response):
            start_response('200 OK', [('X-Old', '1')])
            try:
                raise ValueError
            except ValueError:
                start_response('500 No', [('X-New', '1')], sys.exc_info())
            return [b'']
        self.assertEqual(ask(simple('200 OK\r\nX: y')).letters, 'TA')  # 1: no splitting
        self.assertEqual(ask(simple(headers=(('X', 'a\r\nb'),))).letters, 'TA')  # 2: 500, not 400
        self.assertEqual(ask(replaces).headers[0], ('X-New', '1'))  # 3: replaced, not added
        self.assertEqual(ask(gives(iter([b'ab']), headers=[('Content-Length', '9')])).letters, 'THDA')  # 4
        self.assertEqual(ask(lambda environ, start_response: [b'x']).letters, 'TA')  # 5: no status `None`
        self.assertEqual(ask(simple(headers=(('X', '\u20ac'),))).letters, 'TA')  # 6: 500, not silence
        with slot(lambda environ, start: start('200 OK', PLAIN) and [environ['wsgi.input'].read()]) as peer:
            peer.send(head(environ('POST'), 's'))  # 7: a broken body is told, not silence
            peer.answer('R')
            peer.send(shim.frame(b'D', b'half'), shim.frame(b'A', b'bad chunk'))
            self.assertEqual(peer.answer().failure['kind'], 'aborted')
        self.assertEqual(ask(simple()).header('content-length'), '5')  # 9: a length, not chunks
        self.assertEqual(ask(simple(body=['text'])).letters, 'TA')  # 10: checked before the head is out


class ErrorsTest(Quiet):
    """wsgi.errors: PEP 3333, "Input and Error Streams"."""

    def test_whole_lines_travel_with_the_request_and_a_rest_at_its_end(self) -> None:
        def application(environ, start_response):
            errors = environ['wsgi.errors']
            errors.write('one\r\ntwo\nthr')
            errors.writelines(['ee\n', 'é\u20ac\ud800 fo'])
            errors.write('ur')
            start_response('200 OK', PLAIN)
            return []
        answer = ask(application)
        self.assertEqual(answer.log, 'one\ntwo\nthree\né\u20ac\\ud800 four')
        self.assertEqual(answer.letters, 'TGGGHE')

    def test_flush_sends_the_line_as_far_as_it_goes(self) -> None:
        def application(environ, start_response):
            environ['wsgi.errors'].write('half')
            environ['wsgi.errors'].flush()
            environ['wsgi.errors'].flush()
            start_response('200 OK', PLAIN)
            return []
        self.assertEqual(ask(application).letters, 'TGHE')

    def test_print_and_a_long_text_work(self) -> None:
        text = 'é' * 400_000

        def application(environ, start_response):
            print(text, file=environ['wsgi.errors'])
            start_response('200 OK', PLAIN)
            return []
        self.assertEqual(b''.join(self.raw_log(application)).decode(), text + '\n')

    def raw_log(self, application) -> list:
        with slot(application) as peer:
            peer.send(head(environ()))
            payloads = []
            while True:
                kind, payload = peer.receive()
                if kind == 'G':
                    payloads.append(payload)
                elif kind == 'E':
                    return payloads

    def test_bytes_are_refused(self) -> None:
        def application(environ, start_response):
            environ['wsgi.errors'].write(b'bytes')
        self.assertIn('TypeError', ask(application).failure['message'])

    def test_other_threads_and_later_writes_go_to_stderr_and_never_between_frames(self) -> None:
        kept = []

        def application(environ, start_response):
            kept.append(environ['wsgi.errors'])
            thread = threading.Thread(target=kept[0].write, args=('from a thread\n',))
            thread.start()
            thread.join()
            start_response('200 OK', PLAIN)
            return [b'x']
        with slot(application) as peer:
            peer.send(head(environ()))
            self.assertEqual(peer.answer().letters, 'THDE')
            kept[0].write('later\n')
            self.assertFalse(peer.has_more(0))
        self.assertEqual(self.stderr.getvalue(), 'from a thread\nlater\n')


class EarlyHintsTest(Quiet):
    def test_fields_are_sent_before_the_head(self) -> None:
        links = [('Link', '</a.css>; rel=preload'), ('Link', '</b.js>; rel=preload')]

        def application(environ, start_response):
            environ['wsgi.early_hints'](links)
            start_response('200 OK', PLAIN)
            return []
        with slot(application) as peer:
            peer.send(head(environ(), 'e'))
            answer = peer.answer()
        self.assertEqual((answer.letters, answer.hints), ('TYHE', [links]))
        self.assertEqual(ask(application).letters, 'THE')  # to a client that would not know what they are

    def test_wrong_fields_and_late_ones_are_violations(self) -> None:
        for hints in ([('Link', 'a\r\nb')], [('Connection', 'x')], (('Link', 'a'),), [('Link',)],
                      [('Content-Length', '1')], [('Link', 'a' * 1_100_000)], [('Link', 'a' * 600_000)] * 2):
            def application(environ, start_response):
                environ['wsgi.early_hints'](hints)
            with slot(application) as peer:
                peer.send(head(environ(), 'e'))
                self.assertEqual(peer.answer().failure['kind'], 'violation')


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


class ValidatorTest(Quiet):
    """wsgiref.validate between the worker and applications of each shape: it has nothing to say."""

    def check(self, application, method: str = 'GET', flags: str = '', frames: bytes = b'',
              letters: str = 'THDE'):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter('always')
            with slot(validator(application)) as peer:
                peer.send(head(environ(method), flags), frames)
                answer = peer.answer()
            gc.collect()  # the validator complains from __del__ about what was not closed
        self.assertEqual([str(each.message) for each in caught], [])
        self.assertEqual(self.stderr.getvalue(), '')
        self.assertEqual(answer.letters, letters)
        return answer

    def test_list_generator_write_file_and_empty(self) -> None:
        def generator(environ, start_response):
            start_response('200 OK', PLAIN)
            yield b'hello'

        def writes(environ, start_response):
            start_response('200 OK', PLAIN)(b'hello')
            return []

        def wraps(environ, start_response):
            start_response('200 OK', PLAIN)
            return environ['wsgi.file_wrapper'](io.BytesIO(b'hello'))
        for application in (simple(body=[b'hello']), generator, writes, wraps):
            self.assertEqual(self.check(application).body, b'hello')
        self.check(simple(body=[b'hello']), 'HEAD', letters='THE')
        self.check(simple('204 No Content', (), []), letters='THE')

    def test_input_and_errors(self) -> None:
        def application(environ, start_response):
            stream = environ['wsgi.input']
            parts = [stream.read(3), stream.readline(), *stream.readlines(), stream.read(1)]
            environ['wsgi.errors'].write('a line\n')
            environ['wsgi.errors'].flush()
            start_response('200 OK', PLAIN)
            return [b'|'.join(parts)]
        frames = body_frames(b'one two\nthr', b'ee\nfour')
        self.assertEqual(self.check(application, 'POST', 'b', frames, 'TGHDE').body,
                         b'one| two\n|three\n|four|')
        self.assertEqual(self.check(application, 'POST', 's', frames, 'TRGHDE').body,
                         b'one| two\n|three\n|four|')

    def test_a_failing_application(self) -> None:
        body = Recorder([b'a', ValueError('on purpose')])
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter('always')
            self.assertEqual(ask(validator(gives(body))).letters, 'THDA')
            gc.collect()
        self.assertEqual((body.closed, caught), (1, []))


if __name__ == '__main__':
    unittest.main()
