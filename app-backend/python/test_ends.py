"""How an answer ends: `close`, failures, and the validator of the standard library."""

from __future__ import annotations

import unittest
import gc
import io
import sys
import threading
import warnings
from wsgiref.validate import validator

import trivet_worker as shim
from worker_driver import ask, body_frames, environ, head, simple, slot
from wsgi_stand import PLAIN, Quiet, Recorder, gives


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
