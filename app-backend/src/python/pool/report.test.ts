import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openMetrics } from '@trivet/kit/process/metrics.ts';
import { QueueWait } from '../queue-wait.ts';
import type { InFlight, SlotSource } from '../seam.ts';
import type { PythonMember } from './python-member.ts';
import { measure, type Reported, statsOf } from './report.ts';

const one: InFlight = { method: 'GET', target: '/a', id: 'id-1', sinceMs: 4 };

function member(place: number, state: PythonMember['state'], requests: readonly InFlight[] = []): PythonMember {
  const facts = { place, pid: 100 + place, generation: 2, served: 9, rssBytes: 5000, livedMs: 61_700 };
  return { ...facts, state, requests } as Partial<PythonMember> as PythonMember;
}

function reported(): Reported {
  const queueWait = new QueueWait();
  queueWait.observe(3);
  const numbers = { busy: 1, idle: 2, queued: 3, mostQueued: 4, full: 5, late: 6, queueWait };
  const nothing = () => undefined;
  const slots: SlotSource = {
    ...{ add: nothing, retire: async () => undefined, inFlightOf: () => [], setHopeless: nothing },
    numbers,
  };
  const members = [
    ...[member(1, 'ready', [one]), member(2, 'ready'), member(3, 'starting'), member(4, 'leaving', [one])],
    member(5, 'ending'),
  ];
  const arbiter = { generation: 2, wanted: 5, isRefused: false, isHopeless: false, ends: {}, lastEnd: null };
  const stats = { arbiter, forkServers: [{ generation: 2, pid: 99 }] };
  return { pool: { members, stats, ends: { 'max-age': 2, crash: 1 } }, slots, threads: 4 };
}

test('the stats name each worker, what it does, and what it has', () => {
  const { workers, slots, queue, ...others } = JSON.parse(JSON.stringify(statsOf(reported())));
  assert.deepEqual(workers[0], {
    ...{ worker: 1, pid: 101, state: 'busy', ageSeconds: 62, requests: 9, rssBytes: 5000, generation: 2 },
    ...{ slots: { busy: 1, of: 4 }, inFlight: [one] },
  });
  const states = workers.map(({ state }: { state: string }) => state);
  assert.deepEqual(states, ['busy', 'idle', 'starting', 'leaving', 'ending']);
  assert.deepEqual(slots, { busy: 1, idle: 2 });
  assert.deepEqual(others, reported().pool.stats);
  assert.deepEqual(queue, { length: 3, most: 4, refused: 5, late: 6 });
});

const expected: readonly string[] = [
  'trivet_app_slots_busy{tier="app-backend"} 1',
  'trivet_app_slots_idle{tier="app-backend"} 2',
  'trivet_app_queue_length{tier="app-backend"} 3',
  'trivet_app_queue_full_total{tier="app-backend"} 5',
  'trivet_app_queue_late_total{tier="app-backend"} 6',
  'trivet_app_workers{state="starting",tier="app-backend"} 1',
  'trivet_app_workers{state="ready",tier="app-backend"} 2',
  'trivet_app_workers{state="leaving",tier="app-backend"} 1',
  'trivet_worker_ends_total{reason="max-age",tier="app-backend"} 2',
  'trivet_app_queue_wait_seconds_bucket{le="0.001",tier="app-backend"} 0',
  'trivet_app_queue_wait_seconds_bucket{le="0.005",tier="app-backend"} 1',
  'trivet_app_queue_wait_seconds_sum{tier="app-backend"} 0.003',
];

test('the metrics have the same numbers', async () => {
  const metrics = openMetrics('app-backend');

  measure(reported(), metrics);
  const text = await metrics.registry.metrics();
  for (const line of expected) assert.ok(text.includes(`${line}\n`), line);
});

test('without workers the states are counted as none', async () => {
  const metrics = openMetrics('app-backend');
  measure({ ...reported(), pool: { ...reported().pool, members: [] } }, metrics);
  assert.match(await metrics.registry.metrics(), /^trivet_app_workers\{state="ready",tier="app-backend"\} 0$/m);
});
