import { bodyBytes } from './announce.ts';

/** The WSGI application of `hello.ts`, for Gunicorn and for Python workers. */
export const helloInPython = `body = [b"x" * ${bodyBytes}]


def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "${bodyBytes}")])
    return body
`;
