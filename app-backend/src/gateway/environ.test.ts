import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Inbound } from '@trivet/kit/http1/inbound.ts';
import { anEnviron } from '../testing/recording.ts';
import { environOf, listeningAt, type ServerFacts } from './environ.ts';
import { checkEnviron } from './validate-environ.ts';

const server: ServerFacts = { listensAt: { host: '127.0.0.1', port: 8000 }, mount: '', isMultiprocess: false };
const { 'wsgi.input': input, 'wsgi.errors': errors } = anEnviron();
const services = { 'wsgi.input': input, 'wsgi.errors': errors };

function inbound(differences: Partial<Inbound> = {}): Inbound {
  return {
    id: 'id-1',
    method: 'GET',
    target: '/',
    host: 'example.com',
    scheme: 'http',
    version: '1.1',
    fields: [],
    peer: { address: '127.0.0.1', port: 4711, trusted: true },
    client: '127.0.0.1',
    body: undefined,
    bodyLength: undefined,
    receivedAt: 0,
    ...differences,
  };
}

function environ(differences: Partial<Inbound> = {}, facts: Partial<ServerFacts> = {}) {
  const made = environOf(inbound(differences), { ...server, ...facts }, services);
  assert.ok(made.verdict === 'environ', JSON.stringify(made));
  return made.environ;
}

test('the environ of a plain request has what PEP 3333 asks for and nothing inherited', () => {
  const made = environ({ target: '/a%20b?x=%20&y', fields: ['Host', 'example.com:8080'] });
  assert.deepEqual(
    { ...made },
    {
      REQUEST_METHOD: 'GET',
      SCRIPT_NAME: '',
      PATH_INFO: '/a b',
      QUERY_STRING: 'x=%20&y',
      SERVER_NAME: '127.0.0.1',
      SERVER_PORT: '8000',
      SERVER_PROTOCOL: 'HTTP/1.1',
      REMOTE_ADDR: '127.0.0.1',
      REMOTE_PORT: '4711',
      RAW_URI: '/a%20b?x=%20&y',
      REQUEST_URI: '/a%20b?x=%20&y',
      HTTP_HOST: 'example.com:8080',
      'wsgi.version': [1, 0],
      'wsgi.url_scheme': 'http',
      'wsgi.input': input,
      'wsgi.errors': errors,
      'wsgi.multithread': false,
      'wsgi.multiprocess': false,
      'wsgi.run_once': false,
      'wsgi.input_terminated': true,
      'trivet.peer_addr': '127.0.0.1',
      'kit.peer_addr': '127.0.0.1',
      'trivet.request_id': 'id-1',
    },
  );
  assert.equal(Object.getPrototypeOf(made), null);
  assert.equal(checkEnviron(made).fault, undefined);
});

for (const [fields, variable, value] of [
  [['X-One', '1'], 'HTTP_X_ONE', '1'],
  [['x-one', '1', 'X-ONE', '2'], 'HTTP_X_ONE', '1, 2'],
  [['Cookie', 'a=1', 'cookie', 'b=2'], 'HTTP_COOKIE', 'a=1; b=2'],
  [['Content-Type', 'text/plain'], 'CONTENT_TYPE', 'text/plain'],
  [['content-length', '12'], 'CONTENT_LENGTH', '12'],
  [['Content-Type', 'text/plain'], 'HTTP_CONTENT_TYPE', undefined],
  [['Content-Length', '12'], 'HTTP_CONTENT_LENGTH', undefined],
  [['X_One', '1'], 'HTTP_X_ONE', undefined],
  [['X-Naïve', 'é'], 'HTTP_X_NAÏVE', 'é'],
  [['__proto__', 'x'], 'HTTP___PROTO__', undefined],
] as const) {
  test(`the fields ${JSON.stringify(fields)} make ${variable} ${JSON.stringify(value)}`, () => {
    assert.equal(new Map(Object.entries(environ({ fields }))).get(variable), value);
  });
}

test('the names of fields that are left out are told', () => {
  const made = environOf(inbound({ fields: ['X_Forwarded_For', '6.6.6.6', 'X-Ok', '1'] }), server, services);
  assert.ok(made.verdict === 'environ');
  assert.deepEqual(made.dropped, ['X_Forwarded_For']);
});

for (const [mount, target, script, path] of [
  ['', '/x', '', '/x'],
  ['/shop', '/shop/x', '/shop', '/x'],
  ['/shop', '/shop', '/shop', ''],
  ['/shop', '/sh%6Fp/x', '/shop', '/x'],
  ['/shop', '/shop?x', '/shop', ''],
] as const) {
  test(`mounted at ${JSON.stringify(mount)}, ${target} is ${JSON.stringify([script, path])}`, () => {
    const made = environ({ target }, { mount });
    assert.deepEqual([made.SCRIPT_NAME, made.PATH_INFO], [script, path]);
  });
}

test('a path outside of the mount is not for this application', () => {
  for (const target of ['/', '/shopping', '/other/shop']) {
    assert.equal(environOf(inbound({ target }), { ...server, mount: '/shop' }, services).verdict, 'elsewhere');
  }
});

const peer = { address: '10.0.0.1', port: 4711, trusted: true };
const stranger = { ...peer, trusted: false };

test('X-Forwarded-Prefix of a trusted peer is the outer part of SCRIPT_NAME, of any other it is a field', () => {
  const fields = ['X-Forwarded-Prefix', '/outer/'];
  const target = '/shop/x';
  assert.equal(environ({ fields, target, peer }, { mount: '/shop' }).SCRIPT_NAME, '/outer/shop');
  const strange = environ({ fields, target, peer: stranger }, { mount: '/shop' });
  assert.equal(strange.SCRIPT_NAME, '/shop');
  assert.equal(strange.HTTP_X_FORWARDED_PREFIX, '/outer/');
});

for (const [what, fields] of [
  ['a prefix that is none', ['X-Forwarded-Prefix', '//evil.example']],
  ['an encoded prefix that is none', ['X-Forwarded-Prefix', '/%2Fevil.example']],
  ['two prefixes', ['X-Forwarded-Prefix', '/a', 'x-forwarded-prefix', '/a']],
  ['two stories of the client', ['X-Forwarded-For', '1.2.3.4', 'Forwarded', 'for=6.6.6.6']],
  ['two stories of the scheme', ['X-Forwarded-Proto', 'https', 'Forwarded', 'for=1.2.3.4;proto=http']],
  ['two Content-Types', ['Content-Type', 'a/b', 'Content-Type', 'c/d']],
] as const) {
  test(`${what} from a trusted peer is a bad request`, () => {
    assert.equal(environOf(inbound({ fields, peer }), server, services).verdict, 'bad');
  });
}

test('what strangers say of forwarding contradicts nothing, for nobody believes it', () => {
  const fields = ['X-Forwarded-For', '1.2.3.4', 'Forwarded', 'for=6.6.6.6'];
  assert.equal(environ({ fields, peer: stranger, client: '10.0.0.1' }).REMOTE_ADDR, '10.0.0.1');
});

test('behind a proxy the client has an address and no port, and the peer stays in sight', () => {
  const made = environ({ peer, client: '192.0.2.1', scheme: 'https' });
  assert.equal(made.REMOTE_ADDR, '192.0.2.1');
  assert.equal(made.REMOTE_PORT, undefined);
  assert.deepEqual([made['trivet.peer_addr'], made['kit.peer_addr']], ['10.0.0.1', '10.0.0.1']);
  assert.equal(made['wsgi.url_scheme'], 'https');
});

for (const [host, scheme, name, port] of [
  ['example.com:8080', 'http', 'example.com', '8080'],
  ['example.com', 'http', 'example.com', '80'],
  ['example.com', 'https', 'example.com', '443'],
  ['', 'http', 'localhost', '80'],
] as const) {
  test(`on a Unix socket Host ${JSON.stringify(host)} by ${scheme} names the server ${name}:${port}`, () => {
    const made = environ(
      { host, scheme, peer: { address: 'unix', port: 0, trusted: true }, client: 'unix' },
      { listensAt: undefined },
    );
    assert.deepEqual([made.SERVER_NAME, made.SERVER_PORT, made.REMOTE_ADDR], [name, port, '']);
  });
}

test('the server is named by the address that the request came by', () => {
  const facts = listeningAt([
    { kind: 'tcp', host: '127.0.0.1', port: 80 },
    { kind: 'unix', path: '/run/s' },
    { kind: 'tcp', host: '::1', port: 81 },
  ]);
  const named = ([undefined, 1, 2] as const).map((at) => {
    const peer = { address: '192.0.2.1', port: 1, trusted: false, ...(at !== undefined && { at }) };
    const { SERVER_NAME, SERVER_PORT } = environ({ host: 'example.com:8080', peer }, facts);
    return `${SERVER_NAME} ${SERVER_PORT}`;
  });
  assert.deepEqual(named, ['127.0.0.1 80', 'example.com 8080', '::1 81']);
});
