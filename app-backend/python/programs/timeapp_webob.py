"""The classic time application, written with WebOb."""

import time

from webob import Request, Response


def application(environ, start_response):
    request = Request(environ)
    return respond(request)(environ, start_response)


def respond(request):
    """What is answered is a WSGI application itself."""
    if request.method != "GET":
        return text(501, "Not Implemented\n")
    # Not `path`, which has the mount in it.
    if request.domain != "127.0.0.1" or request.path_info != "/":
        return text(404, "Not Found\n")
    return text(200, time.ctime() + "\n")


def text(status, body):
    return Response(status=status, content_type="text/plain", charset="utf-8", text=body)
