import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Fault } from '@trivet/kit/semantics/fault.ts';
import { readPath } from './read-path.ts';

test('without rewrites, or where none matches, the target is what the client sent', () => {
  for (const rewrites of [undefined, [], [{ path: '/other/', to: '/b/' }]]) {
    const { asked, target } = readPath({ rewrites: rewrites ?? [] }, '/%61//?q=%zz');
    assert.deepEqual([asked.path, asked.rawPath, target], ['/a/', '/%61//', '/%61//?q=%zz']);
  }
});

test('what a rewrite makes is read as if it had been asked for', () => {
  const { asked, target } = readPath({ rewrites: [{ path: '/a/', to: '/%62/' }] }, '/a/x?q');
  assert.deepEqual([asked.path, asked.rawPath, asked.query, target], ['/b/x', '/%62/x', 'q', '/%62/x?q']);
});

test('rewrites that never end are the site’s fault, and the log knows which path it was', () => {
  let fault: Fault | undefined;
  try {
    readPath({ rewrites: [{ pattern: /^\/a$/, to: '/a' }] }, '/a');
  } catch (error) {
    fault = error as Fault;
  }
  assert.deepEqual([fault?.reason, fault?.status, fault?.blame], ['rewrite-loop', 500, 'self']);
  assert.match(String(fault?.cause), /rewritten 10 times, at last to \/a/);
  assert.doesNotMatch(fault?.message ?? '', /\/a/);
});

test('what nobody may ask for is refused before any rewrite sees it', () => {
  const rewrites = [{ pattern: /./, to: '/b', last: true }];
  assert.throws(() => readPath({ rewrites }, '/..'), { name: 'Fault', reason: 'bad-path' });
});
