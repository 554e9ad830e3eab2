"""Does what the JSON in its query says, well or badly: the twin of `src/testing/pep-3333/program.ts`."""

import json
import sys
from urllib.parse import unquote

PLAIN = {"status": "200 OK", "headers": [["Content-Type", "text/plain"]]}

closed = 0


def application(environ, start_response):
    return pages.get(environ["PATH_INFO"], environ_page)(environ, start_response)


def play(environ, start_response):
    plan = json.loads(unquote(environ["QUERY_STRING"]))
    if plan.get("fails") == "at once":
        raise RuntimeError("as planned")
    if plan.get("as") == "generator":
        return generated(plan, start_response)
    begin(plan, start_response)
    if plan.get("fails") == "once started":
        raise RuntimeError("as planned")
    return body_of(plan, environ)


def begin(plan, start_response):
    write = None
    for each in plan.get("starts", [PLAIN]):
        try:
            write = start(each, start_response)
        except Exception:
            if not each.get("isForgiven"):
                raise
    for block in plan.get("writes", []):
        write(block_of(block))


def start(each, start_response):
    headers = each["headers"]
    if isinstance(headers, list):
        headers = [tuple(header) if isinstance(header, list) else header for header in headers]
    if not each.get("hasFailure"):
        return start_response(each["status"], headers)
    try:
        raise RuntimeError("as planned")
    except RuntimeError:
        return start_response(each["status"], headers, sys.exc_info())


def generated(plan, start_response):
    begin(plan, start_response)
    yield from blocks_of(plan)


def blocks_of(plan):
    for block in plan.get("blocks", []):
        yield block_of(block)
    if plan.get("fails") == "at the end":
        raise RuntimeError("as planned")


def block_of(block):
    """A string of the plan means bytes; what is in a list is meant as it is."""
    if isinstance(block, str):
        return block.encode("latin-1")
    return block[0]


def body_of(plan, environ):
    kind = plan.get("as", "list")
    if kind == "list":
        return [block_of(block) for block in plan.get("blocks", [])]
    if kind == "file":
        return environ["wsgi.file_wrapper"](File(plan), 4)
    if kind == "itself":
        return block_of(plan["blocks"][0])
    return Closing(plan)


class Closing:
    def __init__(self, plan):
        self.plan = plan

    def __iter__(self):
        return blocks_of(self.plan)

    def close(self):
        global closed
        closed += 1
        if self.plan.get("fails") == "in close":
            raise RuntimeError("as planned")


class File(Closing):
    def __init__(self, plan):
        super().__init__(plan)
        self.left = b"".join(block_of(block) for block in plan.get("blocks", []))

    def read(self, size):
        block, self.left = self.left[:size], self.left[size:]
        return block


def closed_page(environ, start_response):
    global closed
    found, closed = closed, 0
    return answer(start_response, str(found))


def read_page(environ, start_response):
    stream = environ["wsgi.input"]
    told = []
    for name, *arguments in json.loads(unquote(environ["QUERY_STRING"])):
        if name == "iterate":
            found = list(stream)
        else:
            found = getattr(stream, name)(*arguments)
        told.append([each.decode() for each in found] if isinstance(found, list) else found.decode())
    return answer(start_response, json.dumps(told, separators=(",", ":")))


def errors_page(environ, start_response):
    errors = environ["wsgi.errors"]
    errors.write("one\r\n")
    errors.writelines(["two\n", "three"])
    errors.flush()
    return answer(start_response, environ["trivet.request_id"])


FLAGS = ["multithread", "multiprocess", "run_once", "input_terminated"]


def environ_page(environ, start_response):
    lines = [
        f"{name}={environ[name]}"
        for name in sorted(environ)
        if name.isupper() and "." not in name and name not in ("REMOTE_PORT", "SERVER_PORT", "HTTP_CONNECTION")
    ]
    lines += [f"wsgi.{name}={str(environ[f'wsgi.{name}']).lower()}" for name in FLAGS]
    lines.append("wsgi.version=" + ".".join(map(str, environ["wsgi.version"])))
    lines.append("wsgi.url_scheme=" + environ["wsgi.url_scheme"])
    lines.append(f"port={environ['SERVER_PORT'] == environ['HTTP_X_PORT'] if 'HTTP_X_PORT' in environ else ''}".lower())
    lines.append("early_hints=" + str(callable(environ["wsgi.early_hints"])).lower())
    return answer(start_response, "\n".join(lines) + "\n")


def answer(start_response, text):
    body = text.encode("latin-1")
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]


pages = {"/play": play, "/closed": closed_page, "/read": read_page, "/errors": errors_page}
