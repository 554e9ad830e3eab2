"""A whole answer in one piece."""

from http import HTTPStatus

TEXT = "text/plain; charset=utf-8"
HTML = "text/html; charset=utf-8"
JSON = "application/json"


def status_line(code):
    """`404` as `404 Not Found`."""
    try:
        return "%d %s" % (code, HTTPStatus(code).phrase)
    except ValueError:
        return "%d Unknown" % code


def answer(start_response, status, content_type, body, headers=()):
    """Answers `body` (bytes, or text that goes out as UTF-8), with its length."""
    block = body if isinstance(body, bytes) else body.encode()
    fields = [("Content-Type", content_type), ("Content-Length", str(len(block)))]
    start_response(status_line(status), fields + list(headers))
    return [block]
