"""`/echo`: the request as the application saw it, as JSON."""

import hashlib
import json

from .answer import JSON, answer

MOST_SHOWN_BYTES = 64 * 1024


def echo(environ, start_response):
    """However large a body is, 64 KB of it are kept."""
    told = {
        "method": environ["REQUEST_METHOD"],
        "path": as_utf8(environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "")),
        "query": environ.get("QUERY_STRING", ""),
        "headers": headers_of(environ),
    }
    told.update(summary(environ["wsgi.input"]))
    text = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
    return answer(start_response, 200, JSON, text, [("Cache-Control", "no-store")])


def as_utf8(text):
    """The environ has a character per byte; this is the text that the bytes are."""
    return text.encode("latin-1").decode("utf-8", "replace")


def headers_of(environ):
    """The fields of the request, by their names in lower case."""
    headers = {}
    for key, value in environ.items():
        if key.startswith("HTTP_"):
            headers[key[5:].lower().replace("_", "-")] = value
        elif key in ("CONTENT_TYPE", "CONTENT_LENGTH") and value:
            headers[key.lower().replace("_", "-")] = value
    return headers


def summary(body):
    digest = hashlib.sha256()
    shown = b""
    body_bytes = 0
    while True:
        block = body.read(MOST_SHOWN_BYTES)
        if not block:
            break
        digest.update(block)
        shown += block[: MOST_SHOWN_BYTES - len(shown)]
        body_bytes += len(block)
    return {"bodyBytes": body_bytes, "sha256": digest.hexdigest(), "body": shown.decode("utf-8", "replace")}
