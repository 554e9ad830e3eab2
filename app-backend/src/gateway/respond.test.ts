import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { Fault } from '@trivet/kit/semantics/fault.ts';
import { begin, run, told } from '../testing/recording.ts';
import type { Application, StartResponse } from '../wsgi.ts';

const bytes = (text: string) => Buffer.from(text);
const ok = (start: StartResponse) => start('200 OK', [['Content-Type', 'text/plain']]);
const whole = ['200 OK', 'block "hello"', 'end'];

const shapes: Readonly<Record<string, Application>> = {
  'an array': (_environ, start) => {
    ok(start);
    return [bytes('hello')];
  },
  'a promise of an array': async (_environ, start) => {
    ok(start);
    return [bytes('hello')];
  },
  'a generator': function* (_environ, start) {
    ok(start);
    yield bytes('hello');
  },
  'an asynchronous generator': async function* (_environ, start) {
    ok(start);
    await turn();
    yield bytes('hello');
  },
  'a set': (_environ, start) => {
    ok(start);
    return new Set([bytes('hello')]);
  },
  'write and no block': (_environ, start) => {
    void ok(start)(bytes('hello'));
    return [];
  },
};

for (const [shape, application] of Object.entries(shapes)) {
  test(`an application that answers by ${shape} is answered for`, async () => {
    assert.deepEqual(told((await run(application)).events), whole);
  });
}

const failing: Readonly<Record<string, Application>> = {
  'throws at once': () => {
    throw new Error('broken');
  },
  rejects: () => Promise.reject(new Error('broken')),
  'throws undefined': () => {
    throw undefined;
  },
  'throws after start_response': (_environ, start) => {
    ok(start);
    throw new Error('broken');
  },
  'throws in a generator before its first block': function* (_environ, start) {
    ok(start);
    if (start.length >= 0) throw new Error('broken');
    yield bytes('');
  },
  'never calls start_response': () => [bytes('hello')],
  'returns nothing': (() => undefined) as unknown as Application,
  'returns a string': ((_environ: unknown, start: StartResponse) => {
    ok(start);
    return 'hello';
  }) as unknown as Application,
  'returns bare bytes': ((_environ: unknown, start: StartResponse) => {
    ok(start);
    return bytes('hello');
  }) as unknown as Application,
  'yields text': function* (_environ: unknown, start: StartResponse) {
    ok(start);
    yield 'hello';
  } as unknown as Application,
  'gives a bad head': (_environ, start) => {
    start('200 OK\r\nX: y', []);
    return [];
  },
  'gives a bad head and catches the refusal': (_environ, start) => {
    try {
      start('200 OK', [['Connection', 'close']]);
    } catch {
      return [bytes('hello')];
    }
    return [];
  },
};

for (const [what, application] of Object.entries(failing)) {
  test(`an application that ${what} is answered for by a 500 and nothing else`, async () => {
    assert.deepEqual(told((await run(application)).events), ['fail internal']);
  });
}

test('an error after the head breaks the transfer and ends no message', async () => {
  const { events } = await run(function* (_environ, start) {
    ok(start);
    yield bytes('hello');
    throw new Error('broken');
  });
  assert.deepEqual(told(events), ['200 OK', 'block "hello"', 'fail internal']);
});

test('the failure keeps what was thrown as its cause, and its text to itself', async () => {
  const error = new Error('password is hunter2');
  const { events } = await run(() => {
    throw error;
  });
  const [event] = events;
  assert.ok(event && 'fail' in event);
  assert.equal(event.fail.cause, error);
  assert.doesNotMatch(event.fail.message, /hunter2/);
});

test('a fault that an application throws keeps its status', async () => {
  const { events } = await run(() => Promise.reject(new Fault('body-too-large', 'too much')));
  assert.deepEqual(told(events), ['fail body-too-large']);
});

test('an application may answer its own failure by exc_info while nothing is sent', async () => {
  const { events } = await run(function* (_environ, start) {
    start('200 OK', [['X-First', '1']]);
    yield bytes('');
    start('500 Oops', [['X-Second', '2']], { error: new Error('broken') });
    yield bytes('sorry');
  });
  assert.deepEqual(events[0], { head: '500 Oops', fields: ['X-Second', '2'] });
  assert.deepEqual(told(events), ['500 Oops', 'block "sorry"', 'end']);
});

test('the next block is asked for when there is room, not before', async () => {
  let asked = 0;
  const { events, outlet, done } = begin(
    function* (_environ, start) {
      ok(start);
      for (asked = 1; asked <= 3; asked++) yield bytes('x');
    },
    {},
    true,
  );
  for (const expected of [1, 2, 3]) {
    await turn();
    assert.equal(asked, expected);
    outlet.release();
  }
  await done;
  assert.deepEqual(told(events).at(-1), 'end');
});

test('write tells when there is room', async () => {
  const order: string[] = [];
  const { outlet, done } = begin(
    async (_environ, start) => {
      await ok(start)(bytes('x'));
      order.push('room');
      return [];
    },
    {},
    true,
  );
  await turn();
  order.push('release');
  outlet.release();
  await done;
  assert.deepEqual(order, ['release', 'room']);
});

test('a generator that never waits lets others run between its blocks, also between empty ones', async () => {
  let isStopped = false;
  setTimeout(() => {
    isStopped = true;
  }, 1);
  await run(function* (_environ, start) {
    ok(start);
    while (!isStopped) yield bytes('');
  });
});

test('HEAD asks for no more than it takes to know the head', async () => {
  let asked = 0;
  const { events } = await run(
    function* (_environ, start) {
      ok(start);
      for (asked = 1; ; asked++) yield bytes('x');
    },
    { REQUEST_METHOD: 'HEAD' },
  );
  assert.deepEqual(told(events), ['200 OK', 'end']);
  assert.equal(asked, 1);
});

test('what an application does to its environ does not change how it is answered', async () => {
  const { events } = await run((environ, start) => {
    environ.REQUEST_METHOD = 'HEAD';
    ok(start);
    return [bytes('hello')];
  });
  assert.deepEqual(told(events), whole);
});
