import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ReplyEnd } from '@trivet/kit/http1/fast-lane.ts';
import type { Inbound } from '@trivet/kit/http1/inbound.ts';
import { Fault } from '@trivet/kit/semantics/fault.ts';
import { laneOutletStand as stand } from '../testing/lane-outlet-stand.ts';

const bytes = (text: string) => Buffer.from(text);
const ok = (fields: readonly string[] = []) => ({ status: 200, reason: 'OK', fields });
const over: ReplyEnd = { status: 200, bytes: 9, ms: 1, outcome: 'done' };

test('an answer that is whole before anybody waits is given as one, and takes no seat', () => {
  const { outlet, replies, concluded, settled } = stand();
  outlet.head(ok(['Content-Length', '5']));
  outlet.write(bytes('he'));
  outlet.end(bytes('llo'));
  const answer = settled();
  assert.equal(answer.head, 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-Request-Id: id-1\r\n');
  assert.deepEqual([answer.status, answer.hasDate, answer.isLast], [200, false, false]);
  assert.equal(Buffer.concat(answer.body).toString(), 'hello');
  assert.deepEqual([replies, concluded], [[], []]);
  answer.over({ bytes: 9, ms: 1, outcome: 'done' });
  assert.deepEqual(concluded, [{ end: over, extra: undefined }]);
});

test('a Date of the application is its own', () => {
  const { outlet, settled } = stand();
  outlet.head(ok(['date', 'Thu, 01 Jan 1970 00:00:00 GMT']));
  outlet.end();
  assert.equal(settled().hasDate, true);
});

test('an answer that is not whole is written as it comes, what came before first', () => {
  const { outlet, replies } = stand();
  outlet.head(ok());
  outlet.write(bytes('a'));
  assert.equal(outlet.waiting, 0);
  assert.equal(outlet.settle(), 'later');
  outlet.write(bytes('b'));
  outlet.end(bytes('c'));
  assert.equal(outlet.settle(), 'later');
  assert.deepEqual(
    replies.map(({ events }) => events),
    [['head 200', 'block a', 'block b', 'end c']],
  );
  assert.equal(outlet.waiting, 7);
});

test('an answer of which nothing is there yet has its head when it comes', () => {
  const { outlet, replies } = stand();
  assert.equal(outlet.settle(), 'later');
  outlet.head(ok());
  outlet.end();
  assert.deepEqual(replies[0]?.events, ['head 200', 'end']);
});

test('who asks for room, or has it sent, takes the seat', () => {
  for (const [how, event] of [
    ['ready', 'ready'],
    ['flush', 'flush'],
  ] as const) {
    const { outlet, replies } = stand();
    outlet.head(ok());
    outlet.write(bytes('a'));
    outlet[how]();
    assert.deepEqual(replies[0]?.events, ['head 200', 'block a', event]);
  }
});

test('an application that never waits gives others a turn at every sixteenth block', () => {
  const { outlet } = stand();
  outlet.head(ok());
  const turns = Array.from({ length: 16 }, () => outlet.ready() !== undefined);
  assert.equal(turns.indexOf(true), 15);
});

const framings: readonly [what: string, asked: Partial<Inbound>, status: number, fields: string[], framing: string][] =
  [
    ['with a length', {}, 200, ['content-length', '3'], 'sized'],
    ['without one', {}, 200, [], 'chunked'],
    ['to HEAD', { method: 'HEAD' }, 200, ['Content-Length', '3'], 'none'],
    ['of status 204', {}, 204, [], 'none'],
    ['of status 304', {}, 304, ['Content-Length', '3'], 'none'],
  ];

for (const [what, asked, status, fields, framing] of framings) {
  test(`the framing of an answer ${what} is ${framing}`, () => {
    const { outlet } = stand(asked);
    outlet.head({ status, reason: 'Any', fields });
    assert.equal(outlet.whole.head.framing, framing);
  });
}

test('a failure before the head becomes a page that says what it was, and is noted', () => {
  const { outlet, settled, concluded } = stand();
  const fault = new Fault('internal', 'it broke');
  outlet.fail(fault);
  const answer = settled();
  assert.equal(answer.status, 500);
  assert.match(answer.head, /^HTTP\/1\.1 500 Internal Server Error\r\n/);
  assert.match(Buffer.concat(answer.body).toString(), /internal/);
  answer.over({ bytes: 1, ms: 1, outcome: 'done' });
  assert.equal(concluded[0]?.extra?.fault, fault);
});

test('the page of a HEAD has no body', () => {
  const { outlet, settled } = stand({ method: 'HEAD' });
  outlet.fail(new Fault('internal', 'it broke'));
  assert.deepEqual(settled().body, []);
});

test('a failure behind the head cuts the connection: nobody may take the rest for a whole answer', () => {
  const { outlet, replies } = stand();
  outlet.head(ok());
  outlet.write(bytes('a'));
  outlet.fail(new Fault('internal', 'it broke'));
  assert.deepEqual(replies[0]?.events, ['head 200', 'block a', 'destroy']);
});

test('a failure behind the end, or behind the client’s leaving, is nobody’s', () => {
  const ended = stand();
  ended.outlet.head(ok());
  ended.outlet.end();
  ended.outlet.fail(new Fault('internal', 'it broke'));
  assert.deepEqual([ended.settled().status, ended.replies], [200, []]);
  const left = stand();
  left.outlet.settle();
  left.replies[0]?.onOver({ ...over, status: 499, outcome: 'client-left' });
  left.outlet.fail(new Fault('internal', 'it broke'));
  assert.deepEqual(left.replies[0]?.events, []);
  assert.deepEqual(
    left.concluded.map(({ end, extra }) => [end.status, extra]),
    [[499, undefined]],
  );
});

test('hints go out ahead of the head, and not behind it', () => {
  const { outlet, replies } = stand();
  outlet.hint(['Link', '</a>; rel=preload']);
  outlet.head(ok());
  outlet.hint(['Link', '</b>; rel=preload']);
  const inform = 'inform HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n';
  assert.deepEqual(replies[0]?.events, [inform, 'head 200']);
});

test('who listens is told once that it is over, also when it is over already', () => {
  const { outlet, replies } = stand();
  const told: string[] = [];
  for (const name of ['a', 'b']) outlet.onClose(() => void told.push(name));
  outlet.settle();
  assert.equal(told.length, 0);
  replies[0]?.onOver(over);
  outlet.onClose(() => void told.push('c'));
  assert.deepEqual(told, ['a', 'b', 'c']);
});

test('notes come together', () => {
  const { outlet, settled, concluded } = stand();
  outlet.note({ why: 'one' });
  outlet.note({ fault: undefined });
  outlet.head(ok());
  outlet.end();
  settled().over({ bytes: 9, ms: 1, outcome: 'done' });
  assert.deepEqual(concluded[0]?.extra, { why: 'one', fault: undefined });
});
