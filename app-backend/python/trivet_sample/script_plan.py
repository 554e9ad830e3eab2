"""What `/script?…` is told to answer, read from its query.

Parameters that become header fields may come several times and give a line each; those that steer the answer come once.
Others are ignored, so that any URL can be made unique.
"""

import re
from dataclasses import dataclass
from typing import Callable, List, Optional, Tuple
from urllib.parse import parse_qsl

from .conditions import entity_tag, http_date
from .durations import seconds

LONGEST_DELAY_SECONDS = 300
MOST_BODY_BYTES = 256 * 1024 * 1024
MOST_CHUNKS = 10_000


@dataclass(frozen=True)
class ScriptPlan:
    status: int
    # All fields that were asked for, Content-Type among them.
    headers: List[Tuple[str, str]]
    # `Link` fields of a 103 ahead of the answer; none without any.
    hints: List[Tuple[str, str]]
    etag: Optional[str]
    # Seconds since the epoch.
    last_modified: Optional[int]
    # In seconds.
    delay: float
    body_bytes: Optional[int]
    # None: in one piece, with a Content-Length.
    chunks: Optional[int]
    # `after-head`, `mid-body` or None.
    abort: Optional[str]


class BadParameter(ValueError):
    """A parameter that says nothing sensible, by its name."""

    def __init__(self, parameter, why):
        super().__init__(why)
        self.parameter = parameter


def whole(least: int, most: int) -> Callable[[str], int]:
    def read(value):
        if re.fullmatch(r"[0-9]{1,12}", value) and least <= int(value) <= most:
            return int(value)
        raise ValueError("not a whole number from %d to %d" % (least, most))

    return read


def a_delay(value):
    read = seconds(value)
    if read > LONGEST_DELAY_SECONDS:
        raise ValueError("longer than %ds" % LONGEST_DELAY_SECONDS)
    return read


def an_abortion(value):
    if value in ("after-head", "mid-body"):
        return value
    raise ValueError("neither after-head nor mid-body")


def a_tag(value):
    """Quotes are spared whoever types an address: `etag=v1` is `"v1"`."""
    for tag in (value, '"%s"' % value):
        if entity_tag(tag):
            return tag
    raise ValueError("not an entity tag")


def a_date(value):
    if http_date(value) is None:
        raise ValueError("not an HTTP date")
    return value


FIELDS = {
    "cache-control": ("Cache-Control", str),
    "cdn-cache-control": ("CDN-Cache-Control", str),
    "surrogate-control": ("Surrogate-Control", str),
    "no-vary-search": ("No-Vary-Search", str),
    "cache-groups": ("Cache-Groups", str),
    "cache-group-invalidation": ("Cache-Group-Invalidation", str),
    "etag": ("ETag", a_tag),
    "last-modified": ("Last-Modified", a_date),
    "expires": ("Expires", str),
    "vary": ("Vary", str),
    "set-cookie": ("Set-Cookie", str),
    "tags": ("Surrogate-Key", lambda value: " ".join(re.split(r"[\s,]+", value))),
    "age": ("Age", lambda value: str(whole(0, 2**31)(value))),
    "location": ("Location", str),
    "content-type": ("Content-Type", str),
    "content-language": ("Content-Language", str),
    "content-location": ("Content-Location", str),
}


def plan_script(query_string):
    """The plan in a query. @raise BadParameter for the first that says nothing sensible."""
    query = parse_qsl(query_string, keep_blank_values=True, errors="replace")
    headers = [header(name, value) for name, value in query if name in FIELDS]
    first = dict(reversed(headers))
    changed = first.get("Last-Modified")
    return ScriptPlan(
        status=once(query, "status", whole(200, 599), 200),
        headers=headers,
        hints=[("Link", field_value(name, value)) for name, value in query if name == "early-hint"],
        etag=first.get("ETag"),
        last_modified=None if changed is None else http_date(changed),
        delay=once(query, "delay", a_delay, 0),
        body_bytes=once(query, "body", whole(0, MOST_BODY_BYTES), None),
        chunks=once(query, "chunks", whole(1, MOST_CHUNKS), None),
        abort=once(query, "abort", an_abortion, None),
    )


def header(parameter, value):
    name, read = FIELDS[parameter]
    return name, named(parameter, read, field_value(parameter, value))


def field_value(parameter, value):
    if re.fullmatch(r"[\x20-\x7e\x80-\xff]*", value):
        return value
    raise BadParameter(parameter, "no header field can hold this")


def once(query, parameter, read, otherwise):
    values = [value for name, value in query if name == parameter]
    if len(values) > 1:
        raise BadParameter(parameter, "given more than once")
    return named(parameter, read, values[0]) if values else otherwise


def named(parameter, read, value):
    try:
        return read(value)
    except ValueError as error:
        raise BadParameter(parameter, str(error)) from None
