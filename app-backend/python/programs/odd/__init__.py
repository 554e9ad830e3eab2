"""One small application per corner of PEP 3333, each at a path of its own; many of them do what no application should.

Each module has those about one subject, and puts them into the tables as it is imported.
"""

from . import bodies, failures, files, heads, requests  # noqa: F401
from .tables import TEXT, illegal, legal


def application(environ, start_response):
    """Chooses by path, and does nothing else: what comes back is the chosen one's own."""
    path = environ["PATH_INFO"]
    chosen = legal.get(path) or illegal.get(path) or nothing
    return chosen(environ, start_response)


def nothing(environ, start_response):
    start_response("404 Not Found", [TEXT, ("Content-Length", "5")])
    return [b"none\n"]
