import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseStatus } from './resident-set.ts';

test('memory and parent are read from the lines of that name alone', () => {
  const text =
    'Name:\tPid: 7\nUmask:\t0022\nTgid:\t4711\nNgid:\t0\nPid:\t4711\nPPid:\t42\nVmHWM:\t  9000 kB\nVmRSS:\t  8000 kB\nRssAnon:\t 70 kB\n';
  assert.deepEqual(parseStatus(text), { pid: 4711, parent: 42, residentBytes: 8000 * 1024 });
});

test('a process without memory has none', () => {
  assert.deepEqual(parseStatus('Name:\tkthreadd\nPid:\t2\nPPid:\t0\n'), { pid: 2, parent: 0, residentBytes: 0 });
});

test('the text of a process that ended meanwhile is none', () => {
  assert.equal(parseStatus(''), undefined);
});
