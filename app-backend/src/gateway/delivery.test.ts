import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RecordingOutlet, told } from '../testing/recording.ts';
import type { Header } from '../wsgi.ts';
import { Delivery } from './delivery.ts';

type Scenario = {
  readonly what: string;
  readonly method?: string;
  readonly status?: string;
  readonly length?: number;
  readonly blocks?: readonly string[];
  /** All at once, as an array is. */
  readonly whole?: readonly string[];
  readonly events: readonly string[];
  /** Content-Length as sent. */
  readonly sentLength?: string;
};

const scenarios: readonly Scenario[] = [
  { what: 'blocks of unknown length', blocks: ['ab', 'c'], events: ['200 OK', 'block "ab"', 'block "c"', 'end'] },
  { what: 'an array', whole: ['ab', 'c'], events: ['200 OK', 'block "ab"', 'block "c"', 'end'], sentLength: '3' },
  {
    what: 'an array with a length',
    whole: ['ab'],
    length: 2,
    events: ['200 OK', 'block "ab"', 'end'],
    sentLength: '2',
  },
  { what: 'no blocks', blocks: [], events: ['200 OK', 'end'], sentLength: '0' },
  { what: 'an empty array', whole: [], events: ['200 OK', 'end'], sentLength: '0' },
  { what: 'only empty blocks', blocks: ['', ''], events: ['200 OK', 'end'], sentLength: '0' },
  { what: 'a length of zero', blocks: [], length: 0, events: ['200 OK', 'end'], sentLength: '0' },
  {
    what: 'a given length',
    blocks: ['ab', 'c'],
    length: 3,
    events: ['200 OK', 'block "ab"', 'block "c"', 'end'],
    sentLength: '3',
  },
  {
    what: 'more than the length',
    blocks: ['ab', 'cd'],
    length: 3,
    events: ['200 OK', 'block "ab"', 'block "c"', 'end'],
    sentLength: '3',
  },
  {
    what: 'a block beyond the length',
    blocks: ['abc', 'd'],
    length: 3,
    events: ['200 OK', 'block "abc"', 'end'],
    sentLength: '3',
  },
  { what: 'HEAD with blocks', method: 'HEAD', blocks: ['ab'], events: ['200 OK', 'end'] },
  { what: 'HEAD with a length', method: 'HEAD', blocks: ['ab'], length: 2, events: ['200 OK', 'end'], sentLength: '2' },
  {
    what: 'HEAD with a length and no body',
    method: 'HEAD',
    blocks: [],
    length: 2,
    events: ['200 OK', 'end'],
    sentLength: '2',
  },
  { what: 'HEAD with an array', method: 'HEAD', whole: ['ab'], events: ['200 OK', 'end'], sentLength: '2' },
  { what: 'HEAD with an empty array', method: 'HEAD', whole: [], events: ['200 OK', 'end'] },
  {
    what: '204 with a body and a length',
    status: '204 No Content',
    blocks: ['ab'],
    length: 2,
    events: ['204 No Content', 'end'],
  },
  { what: '204 without', status: '204 No Content', whole: [], events: ['204 No Content', 'end'] },
  { what: '304 with a body', status: '304 Not Modified', blocks: ['ab'], events: ['304 Not Modified', 'end'] },
  {
    what: '304 with a length',
    status: '304 Not Modified',
    whole: [],
    length: 9,
    events: ['304 Not Modified', 'end'],
    sentLength: '9',
  },
];

function open(method = 'GET') {
  const outlet = new RecordingOutlet();
  const problems: string[] = [];
  const complain = (problem: string) => void problems.push(problem);
  const delivery = new Delivery({ method, outlet, room: () => Promise.resolve(), complain });
  return { outlet, problems, delivery };
}

function lengthHeader(length: number | undefined): Header[] {
  return length === undefined ? [] : [['Content-Length', String(length)]];
}

for (const { what, method, status = '200 OK', length, blocks = [], whole, events, sentLength } of scenarios) {
  test(`${what}: ${events.join(', ')}, Content-Length ${sentLength ?? 'none'}`, () => {
    const { outlet, delivery } = open(method);
    delivery.startResponse(status, lengthHeader(length));
    if (whole) delivery.blocks(whole.map((block) => Buffer.from(block)));
    for (const block of blocks) if (!delivery.isFull) delivery.block(Buffer.from(block));
    delivery.finish();
    assert.deepEqual(told(outlet.events), events);
    const [head] = outlet.events;
    assert.ok(head && 'head' in head);
    assert.equal(head.fields[head.fields.indexOf('Content-Length') + 1], sentLength ?? head.fields[0]);
  });
}

test('the head waits for the first byte of the body', () => {
  const { outlet, delivery } = open();
  delivery.startResponse('200 OK', []);
  delivery.block(Buffer.alloc(0));
  assert.deepEqual(outlet.events, []);
  delivery.block(Buffer.from('a'));
  assert.deepEqual(told(outlet.events), ['200 OK', 'block "a"']);
});

test('write sends the head even with no bytes, and what is written stands before the blocks', async () => {
  const { outlet, delivery } = open();
  const write = delivery.startResponse('200 OK', []);
  await write(Buffer.alloc(0));
  assert.deepEqual(told(outlet.events), ['200 OK']);
  await write(Buffer.from('first'));
  delivery.blocks([Buffer.from('second')]);
  delivery.finish();
  assert.deepEqual(told(outlet.events), ['200 OK', 'block "first"', 'block "second"', 'end']);
});

test('write of more than Content-Length leaves sends what fits and throws', () => {
  const { outlet, delivery } = open();
  const write = delivery.startResponse('200 OK', lengthHeader(3));
  void write(Buffer.from('ab'));
  assert.throws(() => write(Buffer.from('cd')), /more than the 1 bytes/);
  assert.deepEqual(told(outlet.events), ['200 OK', 'block "ab"', 'block "c"']);
});

test('a body shorter than its Content-Length is no whole message', () => {
  const { outlet, delivery } = open();
  delivery.startResponse('200 OK', lengthHeader(5));
  delivery.block(Buffer.from('ab'));
  assert.throws(() => delivery.finish(), /3 bytes before/);
  assert.deepEqual(told(outlet.events), ['200 OK', 'block "ab"']);
});

for (const [what, give] of [
  ['an array', (delivery: Delivery) => delivery.blocks([Buffer.from('ab')])],
  ['no block', (delivery: Delivery) => delivery.finish()],
] as const) {
  test(`${what} shorter than its Content-Length is noticed before anything is sent`, () => {
    const { outlet, delivery } = open();
    delivery.startResponse('200 OK', lengthHeader(5));
    assert.throws(() => give(delivery));
    assert.deepEqual(outlet.events, []);
  });
}

for (const block of ['text', 5, null, undefined, [1, 2]]) {
  test(`a block that is ${JSON.stringify(block)} is refused before the head is sent`, () => {
    const { outlet, delivery } = open();
    delivery.startResponse('200 OK', []);
    assert.throws(() => delivery.block(block), /not bytes/);
    assert.throws(() => delivery.blocks([Buffer.from('good'), block]), /not bytes/);
    assert.deepEqual(outlet.events, []);
  });
}

test('what is cut or dropped is complained of once', () => {
  const { problems, delivery } = open();
  delivery.startResponse('200 OK', lengthHeader(1));
  delivery.block(Buffer.from('ab'));
  assert.equal(problems.length, 1);
  const other = open();
  other.delivery.startResponse('304 Not Modified', []);
  other.delivery.block(Buffer.from('ab'));
  assert.equal(other.problems.length, 1);
});

test('after the end write and start_response throw', () => {
  const { delivery } = open();
  const write = delivery.startResponse('200 OK', []);
  delivery.finish();
  delivery.end();
  assert.throws(() => write(Buffer.from('late')), /over/);
  assert.throws(() => delivery.startResponse('200 OK', []), /over/);
});
