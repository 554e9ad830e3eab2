"""What an application is given: the environ, and the streams for errors and early hints."""

from __future__ import annotations

import unittest
import threading

from worker_driver import ask, environ, head, slot
from wsgi_stand import PLAIN, Quiet


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

    def test_draining_is_an_event_of_the_worker(self) -> None:
        draining = self.seen()['trivet.draining']
        self.assertIsInstance(draining, threading.Event)
        self.assertFalse(draining.is_set())

    def test_early_hints_are_offered_also_where_they_will_be_dropped(self) -> None:
        for flags in ('', 'e'):
            self.assertIn('wsgi.early_hints', self.seen(flags))

    def test_a_head_of_several_hundred_kilobytes_arrives(self) -> None:
        cookie = 'x' * 700_000
        self.assertEqual(self.seen(HTTP_COOKIE=cookie)['HTTP_COOKIE'], cookie)


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


if __name__ == '__main__':
    unittest.main()
