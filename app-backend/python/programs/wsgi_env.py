"""The classic first example: the environ that the server hands over, pretty-printed.

Not for the public: some servers mix the environment of their process into it.
"""

from pprint import pformat


def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain; charset=utf-8")])
    yield b"WSGI environment:\n\n"
    yield pformat(environ).encode()
    yield b"\n"
