import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { announcedPort, ServerProcess } from './server-process.ts';

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'trivet-bench-test-'));
  t.after(() => rmSync(path, { recursive: true }));
  return path;
}

const script = (text: string) => ({ name: 'server', file: process.execPath, args: ['-e', text] });
const listening = `const server = require('node:net').createServer().listen(0, '127.0.0.1', () =>
  console.log(JSON.stringify({ msg: 'listening', address: 'http://127.0.0.1:' + server.address().port })));`;

test('a server is there once it has announced its address, and gone once it was disposed of', async (t) => {
  const server = await ServerProcess.start(script(listening), folder(t));
  const { pid } = server;
  assert.ok(server.port > 0);
  assert.ok(process.kill(pid, 0));
  await server[Symbol.asyncDispose]();
  assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' });
});

test('two servers of one name have each their own address and output', async (t) => {
  const place = folder(t);
  await using one = await ServerProcess.start(script(`${listening} console.log('one');`), place);
  await using two = await ServerProcess.start(script(`${listening} console.log('two');`), place);
  assert.notEqual(one.port, two.port);
  assert.match(one.output(), /^one\n/);
  assert.match(two.output(), /^two\n/);
});

test('a server that ends at start is told of with its last words', async (t) => {
  const complaining = script('console.error("no such setting"); process.exit(78)');
  await assert.rejects(ServerProcess.start(complaining, folder(t)), /server ended at start: no such setting/);
});

test('a program that is not there is told of', async (t) => {
  await assert.rejects(ServerProcess.start({ name: 'none', file: '/nowhere/none', args: [] }, folder(t)), /ENOENT/);
});

for (const [output, port] of [
  ['{"level":"info","msg":"listening","address":"http://127.0.0.1:4711","admin":"http://127.0.0.1:1"}\n', 4711],
  ['{"msg":"starting"}\n{"address":"http://[::1]:80","msg":"listening"}\n', 80],
  ['{"msg":"listen', undefined],
  ['', undefined],
] as const) {
  test(`${JSON.stringify(output)} announces ${port}`, () => {
    assert.equal(announcedPort(output), port);
  });
}
