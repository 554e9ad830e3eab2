"""What an application may say of its answer: status, fields, `exc_info` (PEP 3333)."""

from __future__ import annotations

import unittest
import gc
import sys
import weakref

import trivet_worker as shim
from worker_driver import ask, environ, head, simple, slot
from wsgi_stand import PLAIN, Quiet


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


if __name__ == '__main__':
    unittest.main()
