"""The classic time application, written with Werkzeug."""

import time

from werkzeug.exceptions import NotFound, NotImplemented
from werkzeug.wrappers import Request, Response


@Request.application
def application(request):
    if request.method != "GET":
        raise NotImplemented()
    if request.host.split(":")[0] != "127.0.0.1" or request.path != "/":
        raise NotFound()
    return Response(time.ctime() + "\n")
