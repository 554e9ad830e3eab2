"""Paths where there is nothing for WSGI to answer."""

from .answer import HTML, TEXT, answer

PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>404 Not Found</title>
<h1>Not Found</h1>
<p>The application has no page at this path. It answers at
<a href="/env">/env</a>, <a href="/time/raw/">/time/raw/</a>, <a href="/time/webob/">/time/webob/</a>,
<a href="/time/werkzeug/">/time/werkzeug/</a>, <a href="/script">/script</a>, <a href="/echo">/echo</a>,
<a href="/events">/events</a> and <a href="/express/">/express/</a>.</p>
</html>
"""


def not_found(environ, start_response):
    """Every path that nobody else answers."""
    return answer(start_response, 404, HTML, PAGE)


def no_web_sockets(environ, start_response):
    """`/ws`: WSGI has no way to take a connection over, nor to send `Upgrade`, which a 426 would have to."""
    return answer(start_response, 501, TEXT, "WSGI applications cannot speak WebSocket\n")
