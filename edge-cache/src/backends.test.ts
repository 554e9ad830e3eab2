import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from '@trivet/kit/process/settings.ts';
import { CollectingSink } from '@trivet/kit/testing/collecting-sink.ts';
import { silentLog } from '@trivet/kit/testing/silent.ts';
import type { ResponseSink } from '@trivet/kit/upstream/upstream.ts';
import { settings } from '../settings.ts';
import { type BackendOptions, backendPlan } from './backend-plan.ts';
import { Backends, type BackendUpstream } from './backends.ts';
import type { Policy } from './define-policy.ts';

const config = load(settings, {});
const plan = (backends: Policy['backends']) => backendPlan(backends, config);

/** Upstreams that keep what they are asked, and answer when the test does. */
function bench(backends: Policy['backends']) {
  const opened: Fake[] = [];
  const open = (options: BackendOptions): BackendUpstream => {
    const fake = new Fake(options);
    opened.push(fake);
    return fake;
  };
  return { all: new Backends(plan(backends), { open, log: silentLog }), opened };
}

class Fake implements BackendUpstream {
  options: BackendOptions;
  readonly sinks: ResponseSink[] = [];
  changes = 0;
  isClosed = false;
  isHealthy = true;
  readonly send: BackendUpstream['send'];

  constructor(options: BackendOptions) {
    this.options = options;
    this.send = (_, sink) => {
      this.sinks.push(sink);
      return { resume: () => undefined, abort: () => undefined };
    };
  }

  reconfigure(options: BackendOptions): void {
    this.options = options;
    this.changes += 1;
  }

  endpoints() {
    return this.options.addresses.toReversed();
  }

  stats(): object {
    return { sent: this.sinks.length };
  }

  groupStats(): object {
    return { waiting: this.sinks.length };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.isClosed = true;
  }
}

const request = { method: 'GET', target: '/', fields: [], body: undefined };
const named = (opened: readonly Fake[], name: string) => opened.filter(({ options }) => options.name === name);

test('what an upstream is told beside its options is told again when they change, and is no change by itself', () => {
  const told: string[] = [];
  const opened: Fake[] = [];
  const all = new Backends(plan({ a: {} }), {
    open: (options) => {
      const fake = new Fake(options);
      opened.push(fake);
      return fake;
    },
    beside: (name) => {
      told.push(name);
      return { idleMs: 5 };
    },
    log: silentLog,
  });
  all.reconfigure(plan({ a: {} }));
  assert.deepEqual(told, ['default', 'a']);
  all.reconfigure(plan({ a: { queue: 1 } }));
  assert.deepEqual(
    opened.map(({ options }) => options.idleMs),
    [5, 5],
  );
});

test('connections that are no requests go where the upstream says', () => {
  const { all } = bench({ a: { addresses: ['http://10.0.0.1', 'http://10.0.0.2'] } });
  const hosts = all.endpoints('a').map((address) => address.kind === 'tcp' && address.host);
  assert.deepEqual(hosts, ['10.0.0.2', '10.0.0.1']);
  assert.equal(all.endpoints().length, 1);
  assert.throws(() => all.endpoints('b'), { name: 'Fault', status: 503 });
});

test('each backend has a health of its own', () => {
  const { all, opened } = bench({ a: {} });
  for (const fake of named(opened, 'a')) fake.isHealthy = false;
  assert.deepEqual([all.isHealthy('a'), all.isHealthy(), all.isHealthy('nobody')], [false, true, true]);
});

test('a request goes to the backend that it names, else to the default', () => {
  const { all, opened } = bench({ images: { addresses: ['http://10.0.0.1'] } });
  all.send(request, new CollectingSink());
  all.send({ ...request, backend: 'images' }, new CollectingSink());
  assert.deepEqual(all.stats(), { default: { sent: 1 }, images: { sent: 1 } });
  assert.deepEqual(all.groupStats(), { default: { waiting: 1 }, images: { waiting: 1 } });
  assert.deepEqual(
    opened.map(({ options }) => options.name),
    ['origin', 'images'],
  );
});

test('a backend that is not there costs the request a 503', () => {
  const { all } = bench({});
  const sink = new CollectingSink();
  all.send({ ...request, backend: 'imgaes' }, sink);
  assert.deepEqual([sink.fault?.status, sink.fault?.message], [503, 'there is no backend imgaes']);
});

test('a backend that stays as it is is left alone, one that changes is told, and only a new one is opened', () => {
  const { all, opened } = bench({ a: {}, b: {} });
  all.reconfigure(plan({ a: {}, b: { queue: 5 }, c: {} }));
  assert.deepEqual(
    opened.map(({ options, changes, isClosed }) => [options.name, options.queue, changes, isClosed]),
    [
      ['origin', 4096, 0, false],
      ['a', 4096, 0, false],
      ['b', 5, 1, false],
      ['c', 4096, 0, false],
    ],
  );
});

test('a backend that goes is closed when no older policy and no request of it is left, in either order', () => {
  for (const order of ['policy first', 'request first']) {
    const { all, opened } = bench({ a: {} });
    const sink = new CollectingSink();
    all.send({ ...request, backend: 'a' }, sink);
    const release = all.reconfigure(plan({}));
    const [a] = named(opened, 'a');
    const steps = [release, () => a?.sinks[0]?.onEnd([])];
    for (const step of order === 'policy first' ? steps : steps.toReversed()) {
      assert.equal(a?.isClosed, false);
      step();
    }
    assert.equal(a?.isClosed, true, order);
    assert.equal(sink.calls, 1);
  }
});

test('until then requests of the older policy find it', () => {
  const { all, opened } = bench({ a: {} });
  const release = all.reconfigure(plan({}));
  const sink = new CollectingSink();
  const sending = all.send({ ...request, backend: 'a' }, sink);
  assert.equal(sink.fault, undefined);
  release();
  assert.equal(named(opened, 'a')[0]?.isClosed, false);
  sending.abort();
  assert.equal(named(opened, 'a')[0]?.isClosed, true);
});

test('one that comes back before it is gone is the same, with its health', () => {
  const { all, opened } = bench({ a: {} });
  const first = all.reconfigure(plan({}));
  const second = all.reconfigure(plan({ a: {} }));
  first();
  second();
  assert.deepEqual(
    named(opened, 'a').map(({ isClosed }) => isClosed),
    [false],
  );
  assert.deepEqual(all.stats(), { default: { sent: 0 }, a: { sent: 0 } });
});

test('all are closed in the end, those that were leaving too', async () => {
  const { all, opened } = bench({ a: {}, b: {} });
  all.reconfigure(plan({ b: {} }));
  await all[Symbol.asyncDispose]();
  assert.ok(opened.every(({ isClosed }) => isClosed));
});
