"""`/env`: what an application is told of its request, the classic first example of WSGI."""

import json
import os


def environ_page(environ, start_response):
    """The environ and nothing of the process: environment variables of a server hold secrets, and some servers mix them in."""
    start_response(
        "200 OK",
        [
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Cache-Control", "no-store"),
            ("X-Content-Type-Options", "nosniff"),
        ],
    )
    yield b"WSGI environment:\n\n"
    own = (key for key in sorted(environ) if key not in os.environ)
    lines = ("'%s': %s" % (key, shown(environ[key])) for key in own)
    yield ("{%s}\n" % ",\n ".join(lines)).encode()


def shown(value):
    """Text in quotes, what is more than text by the name of its type."""
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, (bool, int, tuple)) or value is None:
        return repr(value)
    return "<%s>" % type(value).__name__
