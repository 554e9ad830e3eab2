"""Where the applications of this package are kept, by path, and how the plain ones answer."""

TEXT = ("Content-Type", "text/plain; charset=utf-8")

# Those that a server must carry out as they stand; `wsgiref.validate` has nothing against them.
legal = {}

# Those in which the server must find the fault.
illegal = {}


def at(path, table=legal):
    def keep(application):
        table[path] = application
        return application

    return keep


def whole(start_response, body, *headers):
    """The plain way: a list of one block and its length."""
    start_response("200 OK", [TEXT, ("Content-Length", str(len(body)))] + list(headers))
    return [body]
