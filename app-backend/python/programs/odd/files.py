"""Files through `wsgi.file_wrapper`."""

import io
import tempfile

from .failures import closes
from .tables import TEXT, at


def a_file():
    file = tempfile.TemporaryFile()
    file.write(b"0123456789" * 10_000)
    file.seek(0)
    return file


def wrapped(environ, file):
    return environ["wsgi.file_wrapper"](file, 8192)


@at("/file")
def file(environ, start_response):
    start_response("200 OK", [TEXT, ("Content-Length", "100000")])
    return wrapped(environ, a_file())


@at("/file-no-length")
def file_no_length(environ, start_response):
    start_response("200 OK", [TEXT])
    return wrapped(environ, a_file())


@at("/file-position")
def file_position(environ, start_response):
    start_response("200 OK", [TEXT, ("Content-Length", "5")])
    opened = a_file()
    opened.seek(99_995)
    return wrapped(environ, opened)


@at("/file-part")
def file_part(environ, start_response):
    start_response("200 OK", [TEXT, ("Content-Length", "12")])
    opened = a_file()
    opened.seek(5)
    return wrapped(environ, opened)


@at("/file-memory")
def file_memory(environ, start_response):
    start_response("200 OK", [TEXT])
    return wrapped(environ, io.BytesIO(b"in memory\n" * 2000))


@at("/file-iterated")
def file_iterated(environ, start_response):
    """Not handed back: iterated by the application itself."""
    start_response("200 OK", [TEXT])
    for block in wrapped(environ, io.BytesIO(b"iterated\n")):
        yield block.upper()


class CountedFile(io.BytesIO):
    def close(self):
        closes["count"] += 1
        super().close()


@at("/file-closes")
def file_closes(environ, start_response):
    start_response("200 OK", [TEXT])
    return wrapped(environ, CountedFile(b"closed\n"))
