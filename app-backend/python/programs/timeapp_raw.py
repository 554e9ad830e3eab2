"""The classic time application, written against bare WSGI."""

import time


class Timeapp:
    """A WSGI application may be anything that can be called: of an object of this class each request makes a generator."""

    content_type = ("Content-Type", "text/plain; charset=utf-8")

    def __call__(self, environ, start_response):
        host = environ.get("HTTP_HOST", "127.0.0.1").split(":")[0]
        path = environ.get("PATH_INFO", "/").split("?")[0]
        if environ["REQUEST_METHOD"] != "GET":
            start_response("501 Not Implemented", [self.content_type])
            yield b"Not Implemented\n"
        elif host != "127.0.0.1" or path != "/":
            start_response("404 Not Found", [self.content_type])
            yield b"Not Found\n"
        else:
            start_response("200 OK", [self.content_type])
            yield (time.ctime() + "\n").encode()


application = Timeapp()
