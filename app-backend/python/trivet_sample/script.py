"""`/script?…`: answers as it is told, for tests of what stands in front (parameters: script_plan.py)."""

import secrets
import time

from .answer import TEXT, status_line
from .conditions import precondition
from .script_plan import BadParameter, plan_script

# One period of every body: where a piece came from can be told by what it begins with.
PATTERN = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.\n"
USUAL_BODY = b"script\n"
BLOCK_BYTES = 64 * 1024


class BrokenOff(Exception):
    """Raised with the head out: all that a WSGI application can do to have the transfer broken off."""


def script(environ, start_response):
    """Every answer carries a new `x-nonce`, so the same nonce is the same stored answer."""
    nonce = ("x-nonce", secrets.token_hex(8))
    try:
        plan = plan_script(environ.get("QUERY_STRING", ""))
    except BadParameter as bad:
        start_response("400 Bad Request", [nonce, ("Content-Type", TEXT), ("Cache-Control", "no-store")])
        yield ("bad parameter %s: %s\n" % (bad.parameter, bad)).encode()
        return
    if plan.hints and "wsgi.early_hints" in environ:
        environ["wsgi.early_hints"](plan.hints)
    time.sleep(plan.delay)
    # Conditions are for what would be a 200 (RFC 9110 §13.2.1).
    status = precondition(environ, plan) if plan.status == 200 else plan.status
    if status in (204, 304):
        start_response(status_line(status), [nonce] + [field for field in plan.headers if field[0] != "Content-Type"])
        return
    start_response(status_line(status), [nonce] + plan.headers + body_fields(plan))
    yield from blocks(plan)


def body_fields(plan):
    fields = [] if any(name == "Content-Type" for name, _ in plan.headers) else [("Content-Type", TEXT)]
    if plan.chunks is None:
        fields.append(("Content-Length", str(length_of(plan))))
    return fields


def length_of(plan):
    length = len(USUAL_BODY) if plan.body_bytes is None else plan.body_bytes
    # There must be something to break off.
    return max(length, 2) if plan.abort else length


def blocks(plan):
    length = length_of(plan)
    last = {"after-head": 1, "mid-body": -(-length // 2)}.get(plan.abort, length)
    size = BLOCK_BYTES if plan.chunks is None else max(1, -(-length // plan.chunks))
    for start in range(0, last, size):
        yield piece(plan, start, min(start + size, last))
    if plan.abort:
        raise BrokenOff("broken off %s, as it was asked for" % plan.abort)


def piece(plan, start, end):
    if plan.body_bytes is None:
        return USUAL_BODY[start:end]
    offset = start % len(PATTERN)
    periods = -(-(end - start + offset) // len(PATTERN))
    return (PATTERN * periods)[offset : offset + end - start]
