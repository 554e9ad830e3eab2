// What middleware adds to the answers themselves, which `topology/same-files.test.ts` compares with those of the front.
import assert from 'node:assert/strict';
import { chmod, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import { fileTree } from '@trivet/kit/testing/file-tree.ts';
import { validate } from '../gateway/validate.ts';
import { answerOf, run, told } from '../testing/recording.ts';
import { serve } from '../testing/serving.ts';
import { dispatch } from '../toolkit/dispatch.ts';
import type { Application, Environ } from '../wsgi.ts';
import { type StaticFilesOptions, staticFiles } from './static-files.ts';

const app: Application = (environ, start) => {
  start('200 OK', [['Content-Type', 'text/plain']]);
  return [Buffer.from(`app ${environ.SCRIPT_NAME}${environ.PATH_INFO}`)];
};

const entries = {
  'a.txt': 'a',
  'a.3f9a2b1c.js': 'hashed',
  'page.html': '<p>',
  'large.bin': Buffer.alloc(300_000, 'x'),
  'docs/index.html': 'docs',
  'docs/start.htm': 'start',
  'é.txt': 'accent',
  '.hidden': 'h',
};

type Case = readonly [
  what: string,
  options: Omit<StaticFilesOptions, 'root'>,
  asked: Partial<Environ>,
  expected: string,
];

const at = (path: string, more: Partial<Environ> = {}): Partial<Environ> => ({
  ...{ PATH_INFO: path, RAW_URI: path, REQUEST_URI: path },
  ...more,
});

const cases: readonly Case[] = [
  ['a file wins', {}, at('/a.txt'), 'a'],
  ['what is no file is the application’s', {}, at('/b.txt'), 'app /b.txt'],
  ['the top is the application’s where it has no index', {}, at('/'), 'app /'],
  ['a path beside the prefix is the application’s', { prefix: '/static/' }, at('/a.txt'), 'app /a.txt'],
  ['so is the prefix without its slash', { prefix: '/static/' }, at('/static'), 'app /static'],
  ['a slash at the end of a prefix may be left out', { prefix: '/static' }, at('/static/a.txt'), 'a'],
  [
    'a prefix is what it is when it is decoded',
    { prefix: '/é/' },
    at('/\xc3\xa9/a.txt', { RAW_URI: '/%C3%A9/a.txt' }),
    'a',
  ],
  ['a name beyond ASCII is found', {}, at('/\xc3\xa9.txt', { RAW_URI: '/%c3%a9.txt' }), 'accent'],
  ['and where no server told how it was spelled', {}, at('/\xc3\xa9.txt', { RAW_URI: '' }), 'accent'],
  ['%2F is no separator', {}, at('/docs/index.html', { RAW_URI: '/docs%2Findex.html' }), 'app /docs/index.html'],
  ['middleware that moved the path is believed', {}, at('/a.txt', { RAW_URI: '/old' }), 'a'],
  ['another index', { index: ['start.htm'] }, at('/docs/'), 'start'],
  ['a bad path elsewhere is the application’s', { prefix: '/static/' }, at('/\xff', { RAW_URI: '/%ff' }), 'app /\xff'],
  ['dots that lead away are, too', { prefix: '/static/' }, at('/static/../x'), 'app /static/../x'],
  ['dots that lead here are ours', { prefix: '/static/' }, at('/x/../static/a.txt'), 'a'],
];

for (const [what, options, asked, expected] of cases) {
  test(what, async () => {
    await using tree = await fileTree(entries);
    const { text } = await answerOf(validate(staticFiles(app, { root: tree.path, ...options })), asked);
    assert.equal(text, Buffer.from(expected).toString('latin1'));
  });
}

test('under a mount the folder’s slash is asked for under the mount', async () => {
  await using tree = await fileTree(entries);
  const application = dispatch({ '/shop/': staticFiles(app, { root: tree.path }) }, app);
  await using server = await serve(application, { mount: '/m' });
  const response = await fetch(`${server.url}/m/shop/docs?x=1`, { redirect: 'manual' });
  assert.deepEqual([response.status, response.headers.get('location')], [301, '/m/shop/docs/?x=1']);
  assert.equal(await (await fetch(`${server.url}/m/shop/a.txt`)).text(), 'a');
});

test('SCRIPT_NAME never makes the address of another host', async () => {
  await using tree = await fileTree(entries);
  const application = staticFiles(app, { root: tree.path });
  const { headers } = await answerOf(application, at('/docs', { SCRIPT_NAME: '//evil.example' }));
  assert.equal(headers.location, '/evil.example/docs/');
});

test('how long a file may be kept is said by its name, its type, and the option', async () => {
  await using tree = await fileTree(entries);
  for (const [path, maxAge, expected] of [
    ['/a.txt', undefined, undefined],
    ['/a.txt', 60, 'public, max-age=60'],
    ['/page.html', 60, 'no-cache'],
    ['/a.3f9a2b1c.js', 60, 'public, max-age=31536000, immutable'],
  ] as const) {
    const application = staticFiles(app, { root: tree.path, ...(maxAge !== undefined && { maxAge }) });
    assert.equal((await answerOf(application, at(path))).headers['cache-control'], expected);
  }
});

test('fields of one’s own are on files and not on refusals', async () => {
  await using tree = await fileTree(entries);
  const headers = { 'Access-Control-Allow-Origin': '*', 'Cache-Control': 'private' };
  const application = validate(staticFiles(app, { root: tree.path, headers, maxAge: 9 }));
  const file = await answerOf(application, at('/a.txt'));
  assert.deepEqual([file.headers['access-control-allow-origin'], file.headers['cache-control']], ['*', 'private']);
  const refused = await answerOf(application, at('/a.txt', { REQUEST_METHOD: 'PUT' }));
  assert.equal(refused.status, '405 Method Not Allowed');
  assert.equal(refused.headers['access-control-allow-origin'], undefined);
});

test('without fallthrough what is no file is a 404 that the log explains', async () => {
  await using tree = await fileTree(entries);
  const lines: string[] = [];
  const errors = {
    write: (line: string) => void lines.push(line),
    writelines: () => undefined,
    flush: () => undefined,
  };
  const application = staticFiles(app, { root: tree.path, prefix: '/s/', fallthrough: false });
  const { status, text } = await answerOf(application, at('/s/gone.css', { 'wsgi.errors': errors }));
  assert.equal(status, '404 Not Found');
  assert.deepEqual(lines, [`static files: no file ${tree.path}/gone.css\n`]);
  assert.ok(!text.includes(tree.path));
  await answerOf(application, at('/s/.hidden', { 'wsgi.errors': errors }));
  assert.deepEqual(lines[1], `static files: ${tree.path}/.hidden: hidden\n`);
});

test('a root that is not there is told at once', async () => {
  await using tree = await fileTree(entries);
  const where = join(tree.path, 'nowhere');
  assert.throws(() => staticFiles(app, { root: where }), {
    name: 'StartProblem',
    message: `staticFiles: there is no folder ${where}`,
  });
  assert.throws(() => staticFiles(app, { root: join(tree.path, 'a.txt') }), /a\.txt is not a folder/);
  assert.throws(() => staticFiles(app, { root: tree.path, prefix: 'static/' }), /the prefix "static\/" is no path/);
});

test('a root that cannot be read is told at once', {
  skip: process.getuid?.() === 0 && 'root reads everything',
}, async () => {
  await using tree = await fileTree(entries);
  await chmod(join(tree.path, 'docs'), 0);
  assert.throws(() => staticFiles(app, { root: join(tree.path, 'docs') }), /cannot be read \(EACCES\)/);
});

test('files that come and change are seen', async () => {
  await using tree = await fileTree(entries);
  const application = staticFiles(app, { root: tree.path });
  const text = async (path: string) => (await answerOf(application, at(path))).text;
  assert.equal(await text('/new.txt'), 'app /new.txt');
  await writeFile(join(tree.path, 'new.txt'), 'new');
  await eventually(async () => assert.equal(await text('/new.txt'), 'new'));
  assert.equal(await text('/a.txt'), 'a');
  await writeFile(join(tree.path, 'other'), 'changed');
  await rename(join(tree.path, 'other'), join(tree.path, 'a.txt'));
  await eventually(async () => assert.equal(await text('/a.txt'), 'changed'));
});

test('a large file goes out whole from behind other middleware, and by blocks', async () => {
  await using tree = await fileTree(entries);
  const { events } = await run(validate(staticFiles(app, { root: tree.path })), at('/large.bin'));
  const blocks = events.flatMap((event) => ('block' in event ? [event.block.length] : []));
  assert.ok(blocks.length > 1);
  assert.equal(
    blocks.reduce((sum, each) => sum + each, 0),
    300_000,
  );
  assert.equal(told(events).at(-1), 'end');
});
