"""Fork servers as real processes: preload, hooks, and what keeps an application from being run."""

from __future__ import annotations

import ast
import os
import signal
import unittest

from server_driver import HELLO, HERE, Server


class PreloadTest(unittest.TestCase):
    APP = """
        import gc, os, random
        with open('imports', 'a') as file:
            file.write(str(os.getpid()) + ' ')
        shared = object()
        def application(environ, start_response):
            start_response('200 OK', [])
            return [repr((id(shared), random.random(), gc.get_freeze_count() > 0)).encode()]
    """

    def test_with_preload_the_import_happens_once_and_its_memory_is_shared(self) -> None:
        with Server({'app.py': self.APP}, preload=True) as server:
            self.assertEqual(server.hear(), {'ready': True})
            with server.fork(1) as one, server.fork(2) as two:
                first, second = (ast.literal_eval(worker.ask().body.decode()) for worker in (one, two))
                self.assertEqual(first[0], second[0])
                self.assertNotEqual(first[1], second[1], 'both draw the same random numbers')
                self.assertTrue(first[2], 'the heap was not frozen')
            with open(os.path.join(server.folder.name, 'imports'), encoding='ascii') as file:
                self.assertEqual(file.read().split(), [str(server.process.pid)])

    def test_without_preload_each_worker_imports_for_itself(self) -> None:
        with Server({'app.py': self.APP}) as server:
            server.hear()
            with server.fork(1) as one, server.fork(2) as two:
                pids = sorted(str(worker.pid) for worker in (one, two))
            with open(os.path.join(server.folder.name, 'imports'), encoding='ascii') as file:
                self.assertEqual(sorted(file.read().split()), pids)

    def test_hooks_run_in_their_order_in_the_worker(self) -> None:
        hooks = """
            import os, sys
            def note(name, worker):
                assert worker.pid == os.getpid()
                print(name, worker.id, 'app' in sys.modules, callable(worker.application))
            def post_fork(worker): note('post_fork', worker)
            def post_worker_init(worker): note('post_worker_init', worker)
            def worker_exit(worker): note('worker_exit', worker)
        """
        with Server({'app.py': self.APP, 'hooks.py': hooks}, hooks='hooks') as server:
            server.hear()
            with server.fork(5) as worker:
                worker.kill(signal.SIGTERM)
                self.assertEqual(worker.stdout.read_to_end(),
                                 'post_fork 5 False False\npost_worker_init 5 True True\n'
                                 'worker_exit 5 True True\n')

    def test_threads_started_while_preloading_are_warned_of(self) -> None:
        app = """
            import threading
            threading.Thread(target=threading.Event().wait, daemon=True).start()
            def application(environ, start_response): pass
        """
        with Server({'app.py': app}, preload=True) as server:
            server.hear()
            self.assertIn('started threads while it was preloaded', server.output())


class ProblemTest(unittest.TestCase):
    """What does not run is told in sentences, in the worker and, with preload, in the fork server."""

    def problems(self, modules: dict, code: int = 78, **configure) -> str:
        told = []
        for preload in (False, True):
            with Server(modules, preload=preload, **configure) as server:
                said = server.hear()
                if preload:
                    self.assertEqual(said['failed']['code'], code)
                    self.assertEqual(server.process.wait(10), code)
                    told.append(said['failed']['problems'])
                else:
                    self.assertEqual(said, {'ready': True})
                    server.tell(fork=1)
                    server.hear()
                    kind, payload = server.connection(1, 'control').receive()
                    failed = ast.literal_eval(payload.decode().replace('null', 'None'))
                    self.assertEqual((kind, failed['code']), ('f', code))
                    self.assertEqual(server.hear(), {'exited': 1, 'code': code, 'signal': None})
                    told.append(failed['problems'])
                folder = server.folder.name
            told[-1] = '\n'.join(told[-1]).replace(folder, 'FOLDER')
        self.assertEqual(*told)
        return told[0]

    def test_each_kind_of_fault_has_its_sentence(self) -> None:
        for source, application, expected in (
                ('import nothing_of_that_name', 'app',
                 "APP_APPLICATION=app: importing 'app' failed at FOLDER/app.py "
                 "line 1\nModuleNotFoundError: No module named 'nothing_of_that_name'"),
                ('def f():\n  1/0\n\nf()\n', 'app:x',
                 "APP_APPLICATION=app:x: importing 'app' failed at FOLDER/app.py "
                 "line 2\nZeroDivisionError: division by zero"),
                ('x = (', 'app', 'at FOLDER/app.py line 1\nSyntaxError'),
                ('import sys; sys.exit(3)', 'app', 'at FOLDER/app.py line 1\nit called sys.exit(3)'),
                ('x = 1', 'app', "APP_APPLICATION=app: module 'app' (FOLDER/app.py) has no 'application'"),
                ('x = 1', 'app:wsgi', "has no 'wsgi'"),
                ('x = 1', 'app:x', "'x' in FOLDER/app.py is not a callable but int"),
                ('x = 1', 'missing:app',
                 "APP_APPLICATION=missing:app: there is no module 'missing' in FOLDER"),
                ('x = 1', 'app.inner:app', "app.inner"),
                ('x = 1', 'app.py:x',
                 "'app.py' is not the name of a module; it is written with dots, and without .py"),
                ('x = 1', 'a b:x', "'a b' is not the name of a module"),
                ('x = 1', '', "'' is not the name of a module"),
                ('x = 1', 'app:x y', "'x y' is neither a name nor a call with literal arguments"),
                ('x = 1', 'app:x[0]', "'x[0]' is neither a name nor a call"),
                ('x = 1', 'app:make(y)', "neither a name nor a call with literal arguments"),
                ('x = 1', 'app:x()', "calling 'x' failed\nTypeError: 'int' object is not callable"),
                ('def make():\n  raise ValueError("v")', 'app:make()',
                 "calling 'make' failed at FOLDER/app.py line 2\nValueError: v"),
                ('def make(): return 5', 'app:make()',
                 "'make()' in FOLDER/app.py is not a callable but int")):
            with self.subTest(source=source, application=application):
                self.assertIn(expected, self.problems({'app.py': source}, application=application))

    def test_names_factories_and_attributes_that_run(self) -> None:
        app = """
            def make(*arguments, **more):
                def application(environ, start_response):
                    start_response('200 OK', [])
                    return [repr((arguments, more)).encode()]
                return application
            application = make('default')
            class site: app = make('inner')
        """
        for name, expected in (('app', b"(('default',), {})"), ('app:application', b"(('default',), {})"),
                               ('app:make()', b'((), {})'),
                               ("app:make(1, 'a:b', debug=True)", b"((1, 'a:b'), {'debug': True})"),
                               ('app:site.app', b"(('inner',), {})")):
            with self.subTest(name=name), Server({'app.py': app}, application=name) as server:
                server.hear()
                with server.fork() as worker:
                    self.assertEqual(worker.ask().body, expected)

    def test_a_folder_that_is_not_there(self) -> None:
        with Server({}, chdir='/nowhere/at/all') as server:
            failed = server.hear()['failed']
            self.assertEqual(failed,
                             {'problems': ['APP_CHDIR=/nowhere/at/all: No such file or directory'],
                              'code': 78})

    def test_hooks_that_fail(self) -> None:
        with Server({'app.py': HELLO}, hooks='missing') as server:
            self.assertIn('APP_HOOKS=missing: there is no module', server.hear()['failed']['problems'][0])
        with Server({'app.py': HELLO, 'hooks.py': 'def post_fork(worker): 1/0'}, hooks='hooks') as server:
            server.hear()
            server.tell(fork=1)
            server.hear()
            kind, payload = server.connection(1, 'control').receive()
            self.assertIn(b'APP_HOOKS: post_fork failed at ', payload)
            self.assertEqual(server.hear()['code'], 1)

    def test_the_folder_of_the_application_is_current_and_first_on_the_path_and_ours_is_not(self) -> None:
        app = """
            import os, sys
            def application(environ, start_response):
                start_response('200 OK', [])
                return [repr((os.getcwd(), sys.path)).encode()]
        """
        with Server({'app.py': app}) as server:
            server.hear()
            with server.fork() as worker:
                current, path = ast.literal_eval(worker.ask().body.decode())
            folder = os.path.realpath(server.folder.name)
            self.assertEqual((os.path.realpath(current), os.path.realpath(path[0])), (folder, folder))
            self.assertNotIn(HERE, path)


if __name__ == '__main__':
    unittest.main()
