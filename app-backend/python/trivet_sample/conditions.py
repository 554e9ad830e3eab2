"""Conditional requests: entity tags, HTTP dates, and what they make of a 200 (RFC 9110 §13)."""

import calendar
import re
from collections import namedtuple

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
TAG = re.compile(r'(W/)?"([\x21\x23-\x7e\x80-\xff]*)"')
# A comma inside the quotes parts nothing, and a backslash there escapes nothing.
MEMBER = re.compile(r'(?:[^",]|"[^"]*(?:"|$))+')

_WEEKDAY = "(?:mon|tue|wed|thu|fri|sat|sun)"
_LONG_WEEKDAY = "(?:mon|tues|wednes|thurs|fri|satur|sun)day"
_MONTH = "(?P<month>%s)" % "|".join(MONTHS)
# Second 60 is a leap second: the grammar allows it, the epoch counts it as the next minute.
_TIME = "(?P<hour>[01][0-9]|2[0-3]):(?P<minute>[0-5][0-9]):(?P<second>[0-5][0-9]|60)"
DATES = [
    re.compile(form, re.IGNORECASE | re.ASCII)
    for form in (
        _WEEKDAY + ", (?P<day>[0-9]{2}) " + _MONTH + " (?P<year>[0-9]{4}) " + _TIME + " GMT",
        _WEEKDAY + " " + _MONTH + " (?P<day>[ 0-9][0-9]) " + _TIME + " (?P<year>[0-9]{4})",
        _LONG_WEEKDAY + ", (?P<day>[0-9]{2})-" + _MONTH + "-(?P<year>[0-9]{2}) " + _TIME + " GMT",
    )
]

EntityTag = namedtuple("EntityTag", "is_weak opaque")


def entity_tag(text):
    """Reads one entity tag; None when it is none. RFC 9110 §8.8.3."""
    match = TAG.fullmatch(text.strip(" \t"))
    return match and EntityTag(match[1] is not None, match[2])


def http_date(text):
    """Reads an HTTP date to seconds since the epoch; None when it is none. RFC 9110 §5.6.7."""
    for form in DATES:
        match = form.fullmatch(text.strip(" \t"))
        if match:
            return _instant(match)
    return None


def _instant(match):
    year, month, day = int(match["year"]), MONTHS.index(match["month"].lower()) + 1, int(match["day"])
    if len(match["year"]) == 2:
        year += 2000 if year < 69 else 1900
    if not 1 <= year or not 1 <= day <= calendar.monthrange(year, month)[1]:
        return None
    return calendar.timegm((year, month, day, int(match["hour"]), int(match["minute"]), int(match["second"])))


def precondition(environ, current):
    """200, or what the conditions of the request make of it: 304 or 412. RFC 9110 §13.2.2, in its order.

    `current` has the `etag`, as it is sent, and `last_modified` in seconds; either may be None.
    """
    method = environ["REQUEST_METHOD"]
    if method in ("CONNECT", "OPTIONS", "TRACE"):
        return 200
    if not _may_act(environ, current):
        return 412
    is_read = method in ("GET", "HEAD")
    none_match = environ.get("HTTP_IF_NONE_MATCH")
    if none_match is not None:
        if not _matches(none_match, current, lambda asked, own: asked.opaque == own.opaque):
            return 200
        return 304 if is_read else 412
    return 304 if is_read and _is_unchanged(environ.get("HTTP_IF_MODIFIED_SINCE"), current) else 200


def _may_act(environ, current):
    match = environ.get("HTTP_IF_MATCH")
    if match is not None:
        return _matches(match, current, lambda asked, own: asked == own and not own.is_weak)
    return _is_unchanged(environ.get("HTTP_IF_UNMODIFIED_SINCE"), current) is not False


def _matches(asked, current, same):
    if asked.strip(" \t") == "*":
        return True
    own = current.etag and entity_tag(current.etag)
    tags = (entity_tag(member) for member in MEMBER.findall(asked))
    return bool(own) and any(tag and same(tag, own) for tag in tags)


def _is_unchanged(since, current):
    """None when the question cannot be put: no such field, no valid date in it, no time of change."""
    date = None if since is None else http_date(since)
    if date is None or current.last_modified is None:
        return None
    return current.last_modified <= date
