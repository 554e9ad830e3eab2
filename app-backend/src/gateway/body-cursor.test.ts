import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BodyCursor } from './body-cursor.ts';

for (const [what, body] of [
  ['undefined', undefined],
  ['null', null],
  ['false', false],
  ['a string', 'hello'],
  ['bare bytes', Buffer.from('hello')],
  ['an object', {}],
  ['a number', 5],
] as const) {
  test(`${what} is no body`, () => {
    assert.throws(() => new BodyCursor(body), /instead of an iterable/);
  });
}

/** A body of two blocks that counts what is done to it. */
function counted(isAsync: boolean) {
  const count = { close: 0, finally: 0 };
  function* sync() {
    try {
      yield 1;
      yield 2;
    } finally {
      count.finally++;
    }
  }
  async function* async() {
    yield* sync();
  }
  const close = () => void count.close++;
  return { count, body: isAsync ? { [Symbol.asyncIterator]: async, close } : { [Symbol.iterator]: sync, close } };
}

for (const isAsync of [false, true]) {
  const kind = isAsync ? 'an asynchronous' : 'a synchronous';

  test(`${kind} body is closed once, however often that is asked for`, async () => {
    const { body, count } = counted(isAsync);
    const cursor = new BodyCursor(body);
    await cursor.next();
    await cursor.close();
    await cursor.close();
    assert.deepEqual(count, { close: 1, finally: 1 });
  });

  test(`${kind} body that ended is closed and not returned from`, async () => {
    const { body, count } = counted(isAsync);
    const cursor = new BodyCursor(body);
    while (!(await cursor.next()).done);
    await cursor.close();
    assert.deepEqual(count, { close: 1, finally: 1 });
  });

  test(`${kind} body that was never begun is closed`, async () => {
    const { body, count } = counted(isAsync);
    await new BodyCursor(body).close();
    assert.deepEqual(count, { close: 1, finally: 0 });
  });
}

test('a generator without close is returned from', async () => {
  let isLeft = false;
  const body = (function* () {
    try {
      yield 1;
      yield 2;
    } finally {
      isLeft = true;
    }
  })();
  const cursor = new BodyCursor(body);
  await cursor.next();
  await cursor.close();
  assert.ok(isLeft);
});

test('close is called although a generator waits for something that never comes', async () => {
  let closed = 0;
  const never = new Promise<never>(() => undefined);
  const body = {
    async *[Symbol.asyncIterator]() {
      yield await never;
    },
    close: () => void closed++,
  };
  const cursor = new BodyCursor(body);
  void cursor.next();
  void cursor.close();
  await Promise.resolve();
  assert.equal(closed, 1);
});

test('an iterator that throws is not returned from, and what close throws comes out', async () => {
  const iterator = {
    next: () => {
      throw new Error('next');
    },
    return: () => assert.fail('returned'),
  };
  const body = {
    [Symbol.iterator]: () => iterator,
    close: () => Promise.reject(new Error('close')),
  };
  const cursor = new BodyCursor(body);
  assert.throws(() => cursor.next(), /next/);
  await assert.rejects(async () => await cursor.close(), /close/);
});

test('an array is known as a whole', () => {
  assert.deepEqual(new BodyCursor([Buffer.from('a')]).blocks, [Buffer.from('a')]);
  assert.equal(new BodyCursor(new Set()).blocks, undefined);
});
