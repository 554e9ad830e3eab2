import { bodyBytes } from './announce.ts';

/** What is asked: the page, or the page once the request's body was read. */
export type Callable = 'application' | 'reading';

/** The WSGI applications of `hello.ts`, for Gunicorn and for Python workers. */
export const helloInPython = `body = [b"x" * ${bodyBytes}]


def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "${bodyBytes}")])
    return body


def reading(environ, start_response):
    environ["wsgi.input"].read()
    return application(environ, start_response)
`;
