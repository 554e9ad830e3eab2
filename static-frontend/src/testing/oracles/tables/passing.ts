import { get, type Row, type Table } from '../row.ts';

/** The app answers with the fields that it was asked with, a line for each. */
const asked = (...lines: string[]) => get('/api/fields', ...lines);

const without = (pattern: string) => new RegExp(`^(?![\\s\\S]*${pattern})`, 'i');
const has = (pattern: string) => new RegExp(`^${pattern}\r?$`, 'im');

const rows: readonly Row[] = [
  {
    ...{ of: 'A.1 #54', what: 'what a stranger says of the client is not passed on' },
    bytes: asked(
      'X-Forwarded-For: 6.6.6.6',
      'X-Forwarded-Proto: https',
      'Forwarded: for=6.6.6.6',
      'X-Real-IP: 6.6.6.6',
    ),
    ours: { status: 200, body: /^(?=[\s\S]*x-forwarded-for: 127\.0\.0\.1\n)(?![\s\S]*6\.6\.6\.6)(?![\s\S]*https)/i },
    nginx: { status: 200, body: /6\.6\.6\.6/, why: 'nginx passes on what it is not told about' },
    apache: { status: 200, body: /6\.6\.6\.6, 127\.0\.0\.1/, why: 'Apache adds to what it got' },
  },
  {
    ...{ of: 'A.1 #56', what: 'what Connection names goes no further' },
    bytes: asked('Connection: X-Hop', 'X-Hop: 1', 'X-Kept: 1'),
    ours: { status: 200, body: /^(?=[\s\S]*x-kept: 1\n)(?![\s\S]*x-hop)/i },
    nginx: { status: 200, body: /x-hop: 1/i, why: 'nginx does not look into Connection' },
  },
  {
    ...{ of: 'A.1 #56', what: 'what is for this connection alone goes no further' },
    bytes: asked('Keep-Alive: 300', 'Proxy-Connection: keep-alive', 'Proxy-Authorization: Basic x'),
    ours: { status: 200, body: without('(?:keep-alive: |proxy-connection|proxy-authorization)') },
    nginx: { status: 200, body: has('proxy-authorization: Basic x'), why: 'nginx passes on what was meant for it' },
    apache: { status: 200, body: /proxy-/i, why: 'Apache passes on what it did not use' },
  },
  {
    ...{ of: 'A.1 #57', what: 'a name with an underscore is not passed on' },
    bytes: asked('X_Forwarded_For: 6.6.6.6', 'Remote_User: root', 'X-Kept: 1'),
    ours: { status: 200, body: /^(?=[\s\S]*x-kept: 1\n)(?![\s\S]*_)/i },
    apache: { status: 200, body: /_/, why: 'Apache leaves them out of CGI alone' },
  },
  {
    ...{ of: 'A.1 #54', what: 'the app hears of the host that was asked' },
    bytes: asked(),
    ours: { status: 200, body: has('(?:host|x-forwarded-host): front\\.test') },
    nginx: { status: 200, body: has('host: 127\\.0\\.0\\.1:\\d+'), why: 'nginx names the address it asks' },
  },
];

const absolute: Row = {
  ...{ of: 'A.2 #20', what: 'the host is that of the absolute form' },
  bytes: get('http://other.test/api/fields'),
  ours: { status: 200, body: /^(?=[\s\S]*\bhost: other\.test\n)(?![\s\S]*front\.test)/i },
  nginx: { status: 200, body: has('host: 127\\.0\\.0\\.1:\\d+'), why: 'nginx names the address it asks' },
  apache: { status: 200, body: has('x-forwarded-host: other\\.test'), why: 'Apache names itself, too' },
};

export const passing: Table = { about: 'what the app hears', rows: [...rows, absolute] };
