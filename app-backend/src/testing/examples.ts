/**
 * What the sample application answers: the one list that its TypeScript, `app-backend/app.ts`, and its Python,
 * `app-backend/python/trivet_sample`, are both held to, under every server and through the tiers.
 */
import { createHash } from 'node:crypto';
import type { Example } from './example.ts';
import { scriptExamples } from './script-examples.ts';

const html = /^text\/html/;
const text = /^text\/plain; ?charset=utf-8$/i;
const time = /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}\n$/;
const here = { host: '127.0.0.1' };
const bodyless = 'a cache may ask for the page in order to answer this';

function times(kind: 'raw' | 'webob' | 'werkzeug'): Example[] {
  const needs = kind === 'raw' ? {} : { needs: kind };
  const of = `the classic time application, ${kind}`;
  const target = `/time/${kind}/`;
  const notFound = { status: 404 };
  const notImplemented = { status: 501 };
  return [
    {
      what: `${of}: the time`,
      target,
      headers: here,
      answer: { status: 200, fields: { 'content-type': text }, text: time },
    },
    {
      what: `${of}: on another port`,
      target,
      headers: { host: '127.0.0.1:9999' },
      answer: { status: 200, text: time },
    },
    { what: `${of}: with a query`, target: `${target}?x=1`, headers: here, answer: { status: 200, text: time } },
    { what: `${of}: 501 for a POST`, method: 'POST', target, headers: here, body: 'x', answer: notImplemented },
    { what: `${of}: 501 for a HEAD`, method: 'HEAD', target, headers: here, answer: notImplemented, alone: bodyless },
    { what: `${of}: 404 for another host`, target, headers: { host: 'example.org' }, answer: notFound },
    { what: `${of}: 404 for another path`, target: `${target}other`, headers: here, answer: notFound },
    { what: `${of}: 404 without the slash`, target: target.slice(0, -1), headers: here, answer: notFound },
  ].map((example) => ({ ...example, ...needs }));
}

const environ: readonly Example[] = [
  {
    what: 'the classic environ application prints what the server tells it',
    target: '/env?a=b',
    answer: {
      status: 200,
      fields: { 'content-type': text, 'cache-control': 'no-store' },
      text: /^WSGI environment:\n\n\{'/,
    },
  },
  ...[/'REQUEST_METHOD': "GET"/, /'QUERY_STRING': "a=b"/, /'PATH_INFO': "\/env"/, /'wsgi\.version': [[(]1, 0[\])]/].map(
    (line): Example => ({ what: `/env has ${line.source}`, target: '/env?a=b', answer: { status: 200, text: line } }),
  ),
];

const greeting = Buffer.from('grüße');
const large = Buffer.alloc(200_000, 'x');
const sha256 = (body: Buffer) => createHash('sha256').update(body).digest('hex');
const told = (body: Buffer) => ({ bodyBytes: body.length, sha256: sha256(body) });

const echoes: readonly Example[] = [
  {
    what: '/echo tells the request as the application saw it',
    method: 'PUT',
    target: '/echo/a%20b?x=%20',
    headers: { 'content-type': 'text/plain' },
    body: greeting,
    answer: {
      status: 200,
      fields: { 'content-type': /^application\/json/, 'cache-control': 'no-store' },
      json: { method: 'PUT', path: '/echo/a b', query: 'x=%20', ...told(greeting), body: 'grüße' },
    },
  },
  {
    what: '/echo counts and hashes all of a large body, and shows the first 64 KB',
    method: 'POST',
    target: '/echo',
    body: large,
    answer: { status: 200, json: { ...told(large), body: 'x'.repeat(65_536) } },
  },
  {
    what: '/echo takes a body without a length',
    method: 'POST',
    target: '/echo',
    headers: { 'transfer-encoding': 'chunked' },
    body: large,
    answer: { status: 200, json: told(large) },
  },
  {
    what: '/echo tells that there was no body',
    target: '/echo',
    answer: { status: 200, json: { method: 'GET', path: '/echo', query: '', ...told(Buffer.alloc(0)), body: '' } },
  },
  {
    what: '/echo has the path in UTF-8',
    target: '/echo/gr%C3%BC%C3%9Fe',
    answer: { status: 200, json: { path: '/echo/grüße' } },
  },
];

const event = (id: number) => `id: ${id}\\nevent: tick\\ndata: \\{"n":${id},"time":"[\\dT:.-]+Z"\\}\\n\\n`;
const refusal = (parameter: string) => ({
  status: 400,
  fields: { 'content-type': text },
  text: `bad parameter: ${parameter}\n`,
});

const events: readonly Example[] = [
  {
    what: '/events gives as many events as it is asked for',
    target: '/events?count=3&interval=1ms',
    answer: {
      status: 200,
      fields: { 'content-type': /^text\/event-stream/, 'cache-control': 'no-store', 'content-length': null },
      text: new RegExp(`^${[1, 2, 3].map(event).join('')}$`),
    },
  },
  ...['count=many', 'count=-1', 'interval=soon', 'interval=600h'].map((query): Example => {
    const [parameter = ''] = query.split('=');
    return {
      what: `/events?${query} is a 400 that names the parameter`,
      target: `/events?${query}`,
      answer: refusal(parameter),
    };
  }),
];

const notNumbers = { status: 400, json: { error: 'the body is not an array of numbers' } };
const sum = (body: string) => ({
  method: 'POST',
  target: '/express/sum',
  headers: { 'content-type': 'application/json' },
  body,
});

const smallSite: readonly Example[] = [
  {
    what: '/express/ answers',
    target: '/express/',
    answer: { status: 200, fields: { 'content-type': text }, text: /^Hello from / },
  },
  { what: '/express answers, too', target: '/express', answer: { status: 200, text: /^Hello from / } },
  { what: '/express/hello/NAME greets', target: '/express/hello/you', answer: { status: 200, json: { hello: 'you' } } },
  {
    what: '/express/clock is the time, and says to the edge how long it holds',
    target: '/express/clock?seconds=0',
    answer: {
      status: 200,
      fields: { 'content-type': html, 'cache-control': 'no-store', 'cdn-cache-control': 'max-age=0' },
      text: /^<time datetime="[\d-]+T(\d\d:\d\d:\d\d)\.\d{3}Z">\1<\/time>\n$/,
    },
  },
  { what: '/express/sum adds up', ...sum('[1,2]'), answer: { status: 200, json: { sum: 3 } } },
  { what: '/express/sum wants numbers', ...sum('{"a":1}'), answer: notNumbers },
  { what: '/express/sum wants JSON', ...sum('{'), answer: { status: 400, text: '400\n' } },
  { what: '/express/… has no other page', target: '/express/none', answer: { status: 404, text: 'Not Found\n' } },
];

const elsewhere: readonly Example[] = [
  ...['/none', '/environ', '/express-lane', '/time/'].map(
    (target): Example => ({
      what: `${target} is a 404 page of the application`,
      target,
      answer: { status: 404, fields: { 'content-type': html }, text: /<h1>Not Found<\/h1>/ },
    }),
  ),
  {
    what: '/ws is told to upgrade',
    target: '/ws',
    only: 'node',
    answer: { status: 426, fields: { upgrade: 'websocket' } },
    alone: 'a front says itself what it can be upgraded to',
  },
  {
    what: '/ws says that WSGI cannot speak WebSocket',
    target: '/ws',
    only: 'python',
    answer: { status: 501, fields: { 'content-type': text }, text: /WebSocket/ },
  },
];

/** All of them; each stands alone. */
export const examples: readonly Example[] = [
  ...environ,
  ...times('raw'),
  ...times('webob'),
  ...times('werkzeug'),
  ...scriptExamples,
  ...echoes,
  ...events,
  ...smallSite,
  ...elsewhere,
];
