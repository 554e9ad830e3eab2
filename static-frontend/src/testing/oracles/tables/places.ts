import { ask, get, type Row, type Table } from '../row.ts';

const absolute = 'Apache names scheme and host, which are not those that the client sees behind another server';
const own404 = { status: 404, body: '<p>own page' } as const;
const whole = (body: string) => ({ status: 200, body }) as const;
const follows = { ...whole('secret'), why: 'follows links wherever they lead' };
const tells = (status: number) => ({ status, why: `${status} tells that something of this name is there` });

const slash = (what: string, target: string, location: string): Row => ({
  ...{ of: 'A.1 #3', what, bytes: get(target) },
  ours: { status: 301, fields: { Location: location } },
  apache: { status: 301, fields: { Location: `http://front.test${location}` }, why: absolute },
});

const moved = (what: string, target: string, location: string): Row => ({
  ...{ of: 'A.1 #21', what, bytes: get(target) },
  ours: { status: 308, fields: { Location: location } },
  apache: { status: 308, fields: { Location: `http://front.test${location}` }, why: absolute },
});

const rows: readonly Row[] = [
  { of: 'A.1 #2', what: 'the index of the root', bytes: get('/'), ours: whole('<p>front page') },
  { of: 'A.1 #2', what: 'the index of the root with a query', bytes: get('/?a=b'), ours: whole('<p>front page') },
  { of: 'A.1 #2', what: 'the index of a folder', bytes: get('/sub/'), ours: whole('<p>sub') },
  {
    of: 'A.1 #2',
    what: 'HEAD of an index',
    bytes: ask('HEAD', '/sub/'),
    ours: { status: 200, fields: { 'Content-Length': '6' } },
  },
  { of: 'A.1 #2', what: 'a folder without index', bytes: get('/bare/'), ours: own404, apache: tells(403) },
  slash('a folder without its slash', '/sub', '/sub/'),
  slash('its query goes along', '/sub?a=b', '/sub/?a=b'),
  {
    ...slash('a name that is encoded is encoded again', '/%c3%a4%20b', '/%C3%A4%20b/'),
    apache: { status: 301, fields: { Location: 'http://front.test/%c3%a4%20b/' }, why: absolute },
  },
  slash('a folder below another', '/list/deeper', '/list/deeper/'),
  {
    ...{ of: 'A.1 #3', what: 'doubled slashes do not lead to another host' },
    bytes: get('//sub'),
    ours: { status: 301, fields: { Location: '/sub/' } },
    apache: { status: 301, fields: { Location: 'http://front.test/sub/' }, why: absolute },
  },
  {
    ...{ of: 'A.1 #3', what: 'a folder without slash and index' },
    bytes: get('/bare'),
    ours: own404,
    nginx: { status: 301, why: 'nginx adds the slash whatever is behind it' },
    apache: { status: 301, why: 'Apache adds the slash whatever is behind it' },
  },
  { of: 'A.1 #3', what: 'HEAD of a folder without its slash', bytes: ask('HEAD', '/sub'), ours: { status: 301 } },
  {
    ...{ of: 'A.1 #4', what: 'what is in a folder, hidden names aside' },
    bytes: get('/list/'),
    ours: {
      status: 200,
      fields: { 'Content-Type': 'text/html; charset=utf-8' },
      body: /^(?=[\s\S]*href="deeper\/")(?=[\s\S]*b\.txt)(?![\s\S]*\.hidden)/,
    },
    apache: {
      status: 200,
      fields: { 'Content-Type': /^text\/html/i },
      body: /b\.txt/,
      why: 'writes UTF-8 in capitals',
    },
  },
  {
    ...{ of: 'A.1 #4', what: 'a name in a listing is text' },
    bytes: get('/list/'),
    ours: { status: 200, body: /^(?=[\s\S]*a&(?:lt|#60);b\.txt)(?![\s\S]*a<b)/ },
  },
  {
    ...{ of: 'A.1 #4', what: 'a listing as JSON' },
    bytes: get('/json/', 'Accept: application/json'),
    ours: {
      status: 200,
      fields: { 'Content-Type': 'application/json' },
      body: /^\[\s*\{\s*"name": ?"b\.txt"[\s\S]*"size": ?1\b/,
    },
    apache: { notAsked: 'Apache lists as HTML only' },
  },
  {
    of: 'A.1 #4',
    what: 'no listing where it was not asked for',
    bytes: get('/bare/'),
    ours: own404,
    apache: tells(403),
  },
  { of: 'A.1 #1', what: 'a file wins over what stands in', bytes: get('/spa/main.css'), ours: whole('m{}') },
  {
    of: 'A.1 #1',
    what: 'one file stands in for every name',
    bytes: get('/spa/users/7?tab=1'),
    ours: whole('<p>the application'),
  },
  {
    ...{ of: 'A.1 #1', what: 'a name with its ending left out' },
    bytes: get('/try/about'),
    ours: whole('<p>about'),
  },
  { of: 'A.1 #1', what: 'none of the names is there', bytes: get('/try/none'), ours: own404 },
  {
    of: 'A.1 #1',
    what: 'a file wins over the app',
    bytes: get('/app/f.txt'),
    ours: whole('a file beside the app'),
    apache: { notAsked: 'passes a prefix on, files or not' },
  },
  {
    of: 'A.1 #1',
    what: 'what is no file is asked of the app',
    bytes: get('/app/none?a=b'),
    ours: whole('GET /app/none?a=b'),
    apache: { notAsked: 'passes a prefix on, files or not' },
  },
  { of: 'A.1 #1', what: 'a status at the end of the search', bytes: get('/gone/x'), ours: { status: 410 } },
  moved('what has moved', '/old/a/b?c=d', '/new/a/b?c=d'),
  moved('to the top', '/away/x', '/x'),
  moved('doubled slashes lead to no other host', '/away//evil.example', '/evil.example'),
  {
    ...moved('nor do encoded ones', '/away/%2fevil.example', '/%2fevil.example'),
    nginx: { status: 308, fields: { Location: '/evil.example' }, why: 'sends what it has decoded' },
    apache: { status: 404, why: 'refuses %2F before it looks at rules' },
  },
  {
    ...moved('nor does a backslash', '/away/%5cevil.example', '/%5cevil.example'),
    nginx: {
      status: 308,
      fields: { Location: '/\\evil.example' },
      why: 'sends what it has decoded: browsers read //evil.example',
    },
  },
  {
    of: 'A.1 #21',
    what: 'a line end is not passed on',
    bytes: get('/away/a%0d%0aX:1'),
    ours: { status: 400, fields: { X: null } },
    nginx: { status: 404, why: 'a pattern ends at a line end' },
    apache: { status: 308, fields: { X: null }, why: 'takes any bytes' },
  },
  {
    of: 'A.1 #21',
    what: '444 closes without a word',
    bytes: get('/drop/x'),
    ours: { status: 'nothing' },
    apache: { notAsked: 'has no such status' },
  },
  {
    of: 'A.1 #23',
    what: '/.well-known/ is for everybody',
    bytes: get('/.well-known/security.txt'),
    ours: whole('Contact: x'),
  },
  {
    of: 'A.1 #23',
    what: 'a hidden name in it is not',
    bytes: get('/.well-known/.env'),
    ours: own404,
    nginx: { ...whole('PASSWORD=2'), why: 'hides nothing' },
    apache: { ...whole('PASSWORD=2'), why: 'hides nothing but .ht*, and that by its stock configuration' },
  },
  {
    of: 'A.1 #23',
    what: 'nor a hidden one beside it',
    bytes: get('/.well-known/%2e%2e/.env'),
    ours: own404,
    nginx: { ...whole('PASSWORD=1'), why: 'hides nothing' },
    apache: { ...whole('PASSWORD=1'), why: 'hides nothing but .ht*' },
  },
  {
    of: 'A.1 #16',
    what: 'a pipe is no file, and nobody waits for who writes to it',
    bytes: get('/pipe'),
    ours: own404,
    apache: { notAsked: 'Apache waits for who writes to it' },
  },
  { of: 'A.1 #23', what: 'nor below another folder', bytes: get('/sub/.well-known/x'), ours: own404 },
  {
    of: 'A.1 #23',
    what: 'a file in a hidden folder',
    bytes: get('/sub/.hidden/f.txt'),
    ours: own404,
    nginx: { ...whole('hidden'), why: 'hides nothing' },
    apache: { ...whole('hidden'), why: 'hides nothing but .ht*' },
  },
  {
    of: 'A.1 #23',
    what: 'a link inside the root to a hidden file',
    bytes: get('/way.txt'),
    ours: own404,
    nginx: { ...whole('PASSWORD=1'), why: 'hides nothing' },
    apache: { ...whole('PASSWORD=1'), why: 'hides nothing' },
  },
  { of: 'A.1 #24', what: 'a link that stays inside', bytes: get('/inside.txt'), ours: whole('f') },
  {
    of: 'A.1 #24',
    what: 'a link that leads out',
    bytes: get('/outside.txt'),
    ours: own404,
    nginx: follows,
    apache: follows,
  },
  { of: 'A.1 #24', what: 'a link out and in again', bytes: get('/around/f.txt'), ours: whole('sub f') },
  { of: 'A.1 #24', what: 'a link to nowhere', bytes: get('/dangling.txt'), ours: own404, apache: tells(403) },
  {
    of: 'A.1 #24',
    what: 'a link to itself',
    bytes: get('/circle'),
    ours: own404,
    apache: tells(403),
  },
  {
    of: 'A.1 #24',
    what: 'any: a link that leads out',
    bytes: get('/outside.txt'),
    links: 'any',
    ours: whole('secret'),
  },
  {
    of: 'A.1 #24',
    what: 'never: a link that stays inside',
    bytes: never('/inside.txt'),
    links: 'never',
    ours: own404,
    apache: tells(403),
  },
  {
    of: 'A.1 #24',
    what: 'never: below a link',
    bytes: never('/around/f.txt'),
    links: 'never',
    ours: own404,
    apache: tells(403),
  },
  { of: 'A.1 #24', what: 'never: no link', bytes: never('/sub/f.txt'), links: 'never', ours: whole('sub f') },
];

// The peers know by the name that no link is to be followed.
function never(target: string): string {
  return get(target).replace('front.test', 'links-never');
}

export const places: Table = { about: 'places', rows };
