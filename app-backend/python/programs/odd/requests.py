"""What an application reads of the request, and what it is told of the server."""

import threading

from .tables import TEXT, at, illegal, legal, whole

# The request's body


def reading(read):
    def chosen(environ, start_response):
        return whole(start_response, repr(read(environ["wsgi.input"])).encode() + b"\n")

    return chosen


def until_end(stream, size):
    blocks = []
    while True:
        block = stream.read(size)
        if not block:
            return b"".join(blocks)
        blocks.append(block)


READS = {
    "/read-5-times-3": lambda body: [body.read(5) for _ in range(3)],
    "/read-by-7": lambda body: until_end(body, 7),
    "/read-much": lambda body: len(body.read(1_000_000_000)),
    "/read-0": lambda body: [body.read(0), body.read(3)],
    "/readline": lambda body: [body.readline() for _ in range(4)],
    "/readline-4": lambda body: [body.readline(4) for _ in range(4)],
    "/readlines": lambda body: body.readlines(),
    "/readlines-hint": lambda body: len(body.readlines(1)) > 0,
    "/iterate": lambda body: list(body),
    "/read-then-line": lambda body: [body.read(2), body.readline(), body.read(100)],
}
for _path, _read in READS.items():
    legal[_path] = reading(_read)

# `wsgiref.validate` wants a size; PEP 3333 does not.
illegal["/read"] = reading(lambda body: body.read())
illegal["/read-all"] = reading(lambda body: body.read(-1))
illegal["/read-none"] = reading(lambda body: body.read(None))
illegal["/read-beyond"] = reading(lambda body: [body.read(), body.read(), body.read(5), body.readline()])


@at("/unread")
def unread(environ, start_response):
    return whole(start_response, b"not read\n")


@at("/read-late")
def read_late(environ, start_response):
    """Answers before it reads."""
    start_response("200 OK", [TEXT])
    yield b"answered, then read "
    yield b"%d\n" % len(until_end(environ["wsgi.input"], 1000))


# The server


@at("/early-hints")
def early_hints(environ, start_response):
    hint = environ.get("wsgi.early_hints")
    if hint:
        hint([("Link", "</a.css>; rel=preload")])
    return whole(start_response, b"hinted\n" if hint else b"cannot hint\n")


CGI = ("REQUEST_METHOD", "SCRIPT_NAME", "PATH_INFO", "QUERY_STRING", "CONTENT_TYPE", "CONTENT_LENGTH", "SERVER_PROTOCOL")


@at("/environ")
def cgi(environ, start_response):
    """What of the environ is the request's own, not the server's."""
    keys = sorted(key for key in environ if key in CGI or key.startswith("HTTP_"))
    lines = ["%s=%r" % (key, environ[key]) for key in keys]
    return whole(start_response, ("\n".join(lines) + "\n").encode())


for _path in ("/environ/caf\xc3\xa9", "/environ/a/b", "//environ", "/environ//a", "/environ/a b"):
    legal[_path] = cgi


@at("/kinds")
def kinds(environ, start_response):
    """Of what kind the things in the environ are."""
    told = [
        type(environ) is dict,
        environ["wsgi.version"],
        environ["wsgi.url_scheme"],
        environ["wsgi.multithread"],
        environ["wsgi.multiprocess"],
        environ["wsgi.run_once"],
        environ.get("wsgi.input_terminated"),
        all(type(value) is str for key, value in environ.items() if "." not in key),
        type(environ["SERVER_PORT"]) is str and environ["SERVER_PORT"] != "",
        threading.current_thread() is threading.main_thread(),
    ]
    return whole(start_response, repr(told).encode() + b"\n")


@at("/threads")
def threads(environ, start_response):
    """Other threads may read the body and make blocks; only who iterates calls the server."""
    got = []
    reader = threading.Thread(target=lambda: got.append(until_end(environ["wsgi.input"], 3)))
    reader.start()
    reader.join()
    return whole(start_response, got[0] + b"\n")


@at("/errors")
def errors(environ, start_response):
    stream = environ["wsgi.errors"]
    stream.write("written to wsgi.errors: caf\xe9 \u20ac\n")
    stream.writelines(["one\n", "two\n"])
    stream.flush()
    print("printed")
    return whole(start_response, b"told\n")
