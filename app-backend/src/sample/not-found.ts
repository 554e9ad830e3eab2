import { Response } from '../toolkit/webob-like.ts';
import type { Application } from '../wsgi.ts';

const page = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>404 Not Found</title>
<h1>Not Found</h1>
<p>The application has no page at this path. It answers at
<a href="/env">/env</a>, <a href="/time/raw/">/time/raw/</a>, <a href="/time/webob/">/time/webob/</a>,
<a href="/time/werkzeug/">/time/werkzeug/</a>, <a href="/script">/script</a>, <a href="/echo">/echo</a>,
<a href="/events">/events</a> and <a href="/express/">/express/</a>, and to WebSockets at /ws.</p>
</html>
`;

/** Every other path. A response is an application, so one response serves all of them. */
export const notFound: Application = new Response({ status: 404, body: page });
