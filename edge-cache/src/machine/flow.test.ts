import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Fault } from '@trivet/kit/semantics/fault.ts';
import { MemoryStore } from '../store/memory.ts';
import { draftOf } from '../store/store-contract.ts';
import { Flow, type Reader, TRANSIT_WINDOW_BYTES } from './flow.ts';

function opened({ limit = 10_000_000, isKept = true } = {}) {
  const store = new MemoryStore(limit);
  const heard: string[] = [];
  const writer = isKept ? store.begin(1000, undefined) : undefined;
  const flow = new Flow(writer, {
    onRoom: () => heard.push('room'),
    abandon: () => heard.push('abandoned'),
  });
  return { store, writer, flow, heard };
}

const ignore = () => undefined;
const bytes = (length: number, of = 'x') => Buffer.alloc(length, of);

function drained(reader: Reader): string {
  let text = '';
  for (let chunk = reader.read(); chunk !== undefined; chunk = reader.read()) text += chunk.toString('latin1');
  return text;
}

test('a reader that joins late gets everything from the first byte', () => {
  const { flow } = opened();
  const early = flow.reader(ignore);
  flow.write(Buffer.from('abc'));
  assert.equal(drained(early), 'abc');
  const late = flow.reader(ignore);
  flow.write(Buffer.from('def'));
  assert.equal(drained(late), 'abcdef');
  assert.equal(drained(early), 'def');
});

test('the last of a body is had at once only when all that is left is here in one piece', () => {
  const { flow } = opened({ isKept: false });
  const reader = flow.reader(ignore);
  flow.write(Buffer.from('abc'));
  assert.equal(reader.readLast(), undefined, 'more may come');
  flow.write(Buffer.from('def'));
  flow.end([]);
  assert.equal(reader.readLast(), undefined, 'two pieces');
  assert.equal(reader.read()?.toString(), 'abc');
  assert.equal(reader.readLast()?.toString(), 'def');
  assert.equal(reader.state.is, 'ended');
  assert.equal(reader.readLast(), undefined);
});

test('the last of a body is not had at once where trailers follow it', () => {
  const { flow } = opened();
  const reader = flow.reader(ignore);
  flow.write(Buffer.from('abc'));
  flow.end(['Digest', 'x']);
  assert.equal(reader.readLast(), undefined);
});

test('the last of a part is had as soon as the part is here', () => {
  const { flow } = opened();
  const reader = flow.reader(ignore);
  reader.limit(1, 3);
  flow.write(Buffer.from('a'));
  assert.equal(reader.readLast(), undefined);
  flow.write(Buffer.from('bcd'));
  assert.equal(reader.readLast()?.toString(), 'bc');
  assert.equal(reader.state.is, 'ended');
});

test('while the body is kept, a reader that takes nothing holds nobody back', () => {
  const { flow } = opened();
  flow.reader(ignore);
  const fast = flow.reader(ignore);
  let taken = 0;
  for (let i = 0; i < 20; i++) {
    assert.equal(flow.write(bytes(100_000)), true);
    taken += drained(fast).length;
  }
  assert.equal(taken, 2_000_000);
});

test('in transit the origin is held back at the window, and goes on when the slowest has read', () => {
  const { flow, heard } = opened({ isKept: false });
  const slow = flow.reader(ignore);
  const fast = flow.reader(ignore);
  let sent = 0;
  while (flow.write(bytes(64 * 1024))) sent += 64 * 1024;
  drained(fast);
  assert.ok(sent < TRANSIT_WINDOW_BYTES);
  assert.deepEqual(heard, []);
  drained(slow);
  assert.deepEqual(heard, ['room']);
});

test('when the store has no more room, those who read go on and nobody waits for a copy', () => {
  const { flow, store, writer } = opened({ limit: 200_000 });
  const reader = flow.reader(ignore);
  flow.write(bytes(100_000, 'a'));
  flow.write(bytes(50_000, 'b'));
  assert.equal(flow.isKept, true);
  flow.write(bytes(100_000, 'c'));
  assert.equal(flow.isKept, false);
  assert.equal(writer?.finish(draftOf()), undefined);
  const text = drained(reader);
  assert.equal(text.length, 250_000);
  assert.match(text, /^a{100000}b{50000}c{100000}$/);
  assert.equal(store.stats().reservedBytes, 0, 'what everybody has read is given back');
});

test('a reader that lags behind the refusal still gets what was kept for it', () => {
  const { flow, store } = opened({ limit: 100_000 });
  const slow = flow.reader(ignore);
  const fast = flow.reader(ignore);
  flow.write(bytes(50_000, 'a'));
  flow.write(bytes(60_000, 'b'));
  assert.equal(drained(fast).length, 110_000);
  assert.ok(store.stats().reservedBytes > 0);
  assert.match(drained(slow), /^a{50000}b{60000}$/);
  assert.equal(store.stats().reservedBytes, 0);
});

test('when the last reader of a body in transit leaves, the origin need not go on', () => {
  const { flow, heard } = opened({ isKept: false });
  const a = flow.reader(ignore);
  const b = flow.reader(ignore);
  a.close();
  assert.deepEqual(heard, []);
  b.close();
  b.close();
  assert.deepEqual(heard, ['abandoned']);
});

test('a kept body goes on without readers until there is no room for it', () => {
  const { flow, heard } = opened({ limit: 100_000 });
  flow.reader(ignore).close();
  flow.write(bytes(50_000));
  assert.deepEqual(heard, []);
  flow.write(bytes(100_000));
  assert.deepEqual(heard, ['abandoned']);
});

test('the end is reached only when everything has been read', () => {
  const { flow } = opened();
  const reader = flow.reader(ignore);
  flow.write(Buffer.from('abc'));
  flow.end(['X-Sum', '1']);
  assert.equal(reader.state.is, 'open');
  drained(reader);
  assert.deepEqual(reader.state, { is: 'ended', trailers: ['X-Sum', '1'] });
});

test('a reader of a part starts and stops where it is told', () => {
  for (const isKept of [true, false]) {
    const { flow } = opened({ isKept });
    const reader = flow.reader(ignore);
    reader.limit(2, 5);
    flow.write(Buffer.from('ab'));
    flow.write(Buffer.from('cdef'));
    assert.equal(drained(reader), 'cde');
    assert.equal(reader.state.is, 'ended');
  }
});

test('a broken flow breaks every reader, and holds nothing once they have left', () => {
  const { flow, store } = opened();
  let calls = 0;
  const reader = flow.reader(() => {
    calls += 1;
  });
  flow.write(Buffer.from('abc'));
  flow.break(new Fault('reset-mid-body', 'the origin left'));
  assert.equal(reader.state.is, 'broken');
  assert.equal(calls, 2);
  reader.close();
  assert.equal(store.stats().reservedBytes, 0);
});

test('what was stored stays readable for those who are not done with it', () => {
  const { flow, writer, store } = opened();
  const reader = flow.reader(ignore);
  flow.write(Buffer.from('abc'));
  assert.ok(writer?.finish(draftOf()));
  flow.end([]);
  assert.equal(drained(reader), 'abc');
  reader.close();
  assert.equal(store.stats().reservedBytes, 0);
  assert.equal(store.stats().entries, 1);
});
