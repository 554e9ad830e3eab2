import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { Fault } from '@trivet/kit/semantics/fault.ts';
import { begin, run, told } from '../testing/recording.ts';
import type { Application, Body, StartResponse } from '../wsgi.ts';

const bytes = (text: string) => Buffer.from(text);
const ok = (start: StartResponse) => start('200 OK', [['Content-Type', 'text/plain']]);
const left = new Fault('client-left', 'gone');

/** An application whose body counts its closes. */
function closing(blocks: () => Iterable<Uint8Array> | AsyncIterable<Uint8Array>) {
  const count = { closed: 0 };
  const application: Application = (_environ, start) => {
    ok(start);
    const close = () => void count.closed++;
    return Object.assign(blocks(), { close }) as Body;
  };
  return { count, application };
}

const endings: Readonly<Record<string, () => Iterable<Uint8Array>>> = {
  'the normal end': () => [bytes('hello')],
  'the end of a generator': function* () {
    yield bytes('hello');
  },
  'an error before the head': function* () {
    yield bytes('');
    throw new Error('broken');
  },
  'an error after the head': function* () {
    yield bytes('hello');
    throw new Error('broken');
  },
  'a block that is none': () => ['text' as unknown as Uint8Array],
};

for (const [ending, blocks] of Object.entries(endings)) {
  for (const method of ['GET', 'HEAD']) {
    test(`after ${ending} the body of a ${method} is closed once`, async () => {
      const { count, application } = closing(blocks);
      await run(application, { REQUEST_METHOD: method });
      assert.equal(count.closed, 1);
    });
  }
}

test('when the client leaves, the body is closed at once, whatever it waits for', async () => {
  const never = new Promise<Uint8Array>(() => undefined);
  const { count, application } = closing(async function* () {
    yield bytes('hello');
    yield await never;
  });
  const { interruption, events } = begin(application);
  await turn();
  await turn();
  interruption.interrupt(left);
  await turn();
  assert.equal(count.closed, 1);
  assert.deepEqual(told(events).at(-1), 'fail client-left');
});

test('an answer that is begun after the client left is none', async () => {
  const { count, application } = closing(() => [bytes('late')]);
  const called = Promise.withResolvers<void>();
  const { interruption, events, done } = begin(async (environ, start) => {
    await called.promise;
    return application(environ, () => start('200 OK', []));
  });
  interruption.interrupt(left);
  await done;
  called.resolve();
  await turn();
  assert.equal(count.closed, 0);
  assert.deepEqual(told(events), ['fail client-left']);
});

test('a late body whose application had begun its answer in time is closed', async () => {
  const { count, application } = closing(() => [bytes('late')]);
  const called = Promise.withResolvers<void>();
  const { interruption, done } = begin(async (environ, start) => {
    const body = await application(environ, start);
    await called.promise;
    return body;
  });
  interruption.interrupt(left);
  await done;
  called.resolve();
  await turn();
  assert.equal(count.closed, 1);
});

test('a failing close is told to the log and changes nothing for the client', async () => {
  const { events, problems } = await run((_environ, start) => {
    ok(start);
    return Object.assign([bytes('hello')], { close: () => Promise.reject(new Error('close')) });
  });
  assert.deepEqual(told(events), ['200 OK', 'block "hello"', 'end']);
  assert.equal(problems.length, 1);
});
